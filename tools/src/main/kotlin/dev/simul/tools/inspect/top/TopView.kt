// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

/**
 * What `top` shows at one moment.
 *
 * @property program the process and what it runs.
 * @property every how often it looks.
 * @property notice something that went wrong, and may pass; null mostly.
 */
internal class TopView(
    val program: String,
    val every: String,
    val sample: Sample,
    val activity: Activity,
    val state: TopState = TopState(),
    val notice: String? = null,
) {
    val rows: List<TopRow> = rowsOf(sample, activity, state)

    /** Whether a program that cannot measure times on the loop estimates them. */
    val isSampled: Boolean get() = sample.loops.any { loop -> !loop.exactTimes && loop.tasks.any { it.timeOnLoopNanos != null } }
}
