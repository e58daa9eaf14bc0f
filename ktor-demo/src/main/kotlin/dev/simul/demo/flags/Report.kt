// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import kotlin.time.Duration

/**
 * What became of flags, by their codes.
 *
 * @param time how long that took.
 * @param requestTime how long all requests took, one after the other.
 */
internal data class Report(
    val outcomes: Map<String, Outcome>,
    val time: Duration,
    val requestTime: Duration,
) {
    val saved: List<String> get() = codesOf<Outcome.Saved>()

    val notFound: List<String> get() = codesOf<Outcome.NotFound>()

    val failed: List<String> get() = codesOf<Outcome.Failed>()

    /** The codes of the flags that failed, by the reason. */
    val reasons: Map<String, List<String>> get() = failed.groupBy { (outcomes[it] as Outcome.Failed).reason }

    private inline fun <reified O : Outcome> codesOf(): List<String> = outcomes.filterValues { it is O }.keys.toList()
}
