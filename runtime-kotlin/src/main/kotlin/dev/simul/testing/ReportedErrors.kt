// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler

/** The exception handler of a test's loop: it logs each error, and makes the test fail. */
internal class ReportedErrors : ExceptionHandler {
    private val reports = ArrayList<ExceptionContext>()

    override fun handle(
        loop: EventLoop,
        context: ExceptionContext,
    ) {
        synchronized(reports) { reports += context }
        loop.defaultExceptionHandler(context)
    }

    /** Runs [test], and throws its failure with the reported errors suppressed in it; or those alone. */
    fun during(test: () -> Unit) {
        try {
            test()
        } catch (e: Throwable) {
            failureOrNull()?.let(e::addSuppressed)
            throw e
        }
        failureOrNull()?.let { throw it }
    }

    private fun failureOrNull(): AssertionError? {
        val reports = synchronized(reports) { reports.toList() }
        if (reports.isEmpty()) return null
        val failure = AssertionError(HEADER + reports.joinToString("") { "\n${it.withException()}".replace("\n", "\n    ") })
        val exceptions = reports.mapNotNull { it.exception }
        exceptions.firstOrNull()?.let(failure::initCause)
        exceptions.drop(1).forEach(failure::addSuppressed)
        return failure
    }

    private companion object {
        const val HEADER =
            "errors reached the loop's exception handler during the test: retrieve the exception of a task or future that is meant to " +
                "fail, or set an exceptionHandler of your own if they are meant:"
    }
}

/** The message and the exception. */
internal fun ExceptionContext.withException(): String = listOfNotNull(this, exception).joinToString("\n")
