// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/** What this loop reports to its exception handler from now on. */
internal fun EventLoop.recordReports(): List<ExceptionContext> {
    val reports = mutableListOf<ExceptionContext>()
    exceptionHandler = ExceptionHandler { _, context -> reports += context }
    return reports
}

/** What the loop of [body] reports until it is closed. */
internal fun reportsOf(body: suspend () -> Unit): List<ExceptionContext> =
    resultOfTest {
        getRunningLoop().recordReports().also { body() }
    }

/** As [runTest]; what [body] returns. */
internal fun <T> resultOfTest(
    debug: Boolean? = null,
    body: suspend () -> T,
): T {
    var result: Result<T>? = null
    runTest(debug) { result = Result.success(body()) }
    return result!!.getOrThrow()
}

/** Runs [block] with a loop on virtual time that does not run yet, and closes it. */
internal fun <R> withLoop(block: (EventLoop) -> R): R = VirtualClock().newLoop().use(block)

/** As [runTest], for tests in which other threads work or code that the clock knows nothing about: they may take their time. */
internal fun runTestPatiently(body: suspend () -> Unit): Unit = runTest(clock = VirtualClock(1.hours), body = body)

/** Has garbage collected until [isReached]; gives up after a minute, for the threads that clean up may be late. */
internal suspend fun collectGarbageUntil(isReached: () -> Boolean): Boolean {
    val begin = TimeSource.Monotonic.markNow()
    while (!isReached()) {
        if (begin.elapsedNow() > 1.minutes) return false
        System.gc()
        Thread.sleep(1)
        turns()
    }
    return true
}
