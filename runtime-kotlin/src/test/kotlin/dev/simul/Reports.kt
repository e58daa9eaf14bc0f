package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest

/** What this loop reports to its exception handler from now on. */
internal fun EventLoop.recordReports(): List<ExceptionContext> {
    val reports = mutableListOf<ExceptionContext>()
    exceptionHandler = ExceptionHandler { _, context -> reports += context }
    return reports
}

/** What the loop of [body] reports until it is closed. */
internal fun reportsOf(body: suspend () -> Unit): List<ExceptionContext> =
    runTest {
        getRunningLoop().recordReports().also { body() }
    }

/** Runs [block] with a loop on virtual time that does not run yet, and closes it. */
internal fun <R> withLoop(block: (EventLoop) -> R): R = VirtualClock().newLoop().use(block)

/** Has garbage collected until [isReached], for at most a few seconds. */
internal suspend fun collectGarbageUntil(isReached: () -> Boolean): Boolean {
    repeat(300) {
        if (isReached()) return true
        System.gc()
        turns()
    }
    return isReached()
}
