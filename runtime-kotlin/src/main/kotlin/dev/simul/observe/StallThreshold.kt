// SPDX-License-Identifier: Apache-2.0
@file:JvmName("StallThreshold")

package dev.simul.observe

import dev.simul.loop.EventLoop
import java.util.Locale
import kotlin.time.Duration
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/**
 * From how long on the watchdog reports a step that holds this loop, while it does: 100 ms unless the system property
 * `simul.stallThreshold` or the environment variable `SIMUL_STALL_THRESHOLD` says otherwise, in milliseconds. Null or zero turns the
 * reports off, and so does `off` in these two.
 *
 * The report is a warning of the logger `dev.simul`: the task with its call graph, and the stack of the thread that runs it. There is one
 * for each step, and when the step has ended, a second one that tells how long it took. Time counts by the machine's clock, in any
 * loop, without that in which the whole process did not run.
 *
 * In a JVM that was started for a debugger (`-agentlib:jdwp`), nothing is reported: a breakpoint holds the loop too.
 *
 * A daemon thread looks at what the loop does four times in that duration, or every 25 ms. The loop itself does nothing for it, and
 * while all loops of the process wait, the thread sleeps. Any thread may read and set this. asyncio has no equivalent; its debug mode
 * tells of slow callbacks when they have ended: see [EventLoop.slowCallbackDuration].
 *
 * @throws IllegalArgumentException if it is set to a negative duration.
 */
public var EventLoop.stallThreshold: Duration?
    get() = WatchedLoop[this].threshold.nanoseconds.takeIf { it > ZERO }
    set(value) {
        require(
            value == null || !value.isNegative(),
        ) { "stallThreshold cannot be $value: give a positive duration, or null for no reports" }
        WatchedLoop[this].threshold = value?.inWholeNanoseconds ?: 0
    }

/** The threshold of new loops, which [setting] names; zero for none. */
internal fun stallThresholdByDefault(
    setting: String? = System.getProperty("simul.stallThreshold") ?: System.getenv("SIMUL_STALL_THRESHOLD"),
): Duration {
    if (setting.isNullOrBlank()) return 100.milliseconds
    if (setting.trim().lowercase(Locale.ROOT) == "off") return ZERO
    val millis = setting.trim().toLongOrNull()
    require(millis != null && millis >= 0) { "simul.stallThreshold cannot be '$setting': give a number of milliseconds, or 'off'" }
    return millis.milliseconds
}
