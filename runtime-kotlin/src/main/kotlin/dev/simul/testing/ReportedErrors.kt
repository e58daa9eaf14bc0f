// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.SimulationApi
import dev.simul.loop.getRunningLoop

/**
 * The errors that reached the exception handler of a test's loop: failures that nobody retrieved, and exceptions of callbacks. Each is
 * logged, and makes the test fail, unless the test [expects][expect] it.
 *
 * ```
 * @Test
 * fun `a watcher that dies is reported`() = runTest {
 *     ReportedErrors.ofRunningTest().expect<IOException>()
 *     createTask { watch(directory) }
 *     directory.delete()
 * }
 * ```
 *
 * asyncio has no equivalent. Any thread may call the methods.
 */
public class ReportedErrors internal constructor(
    private val report: (EventLoop, ExceptionContext) -> Unit = EventLoop::defaultExceptionHandler,
) {
    private val unexpected = ArrayList<ExceptionContext>()
    private val missing = ArrayList<Class<out Throwable>>()

    /** The handler of the loops whose errors these are. */
    @SimulationApi
    public val handler: ExceptionHandler = Recorder()

    /**
     * Expects one error whose exception is of this [type], before or after this call: it does not make the test fail, and is not logged if it
     * comes later. The test fails if there is none by its end. To expect several, call this several times.
     */
    public fun expect(type: Class<out Throwable>) {
        synchronized(unexpected) {
            val reported = unexpected.indexOfFirst { type.isInstance(it.exception) }
            if (reported < 0) missing += type else unexpected.removeAt(reported)
        }
    }

    private fun isExpected(context: ExceptionContext): Boolean =
        synchronized(unexpected) {
            val fitting = missing.filter { it.isInstance(context.exception) }
            val type = fitting.firstOrNull { one -> fitting.all { it.isAssignableFrom(one) } } ?: fitting.firstOrNull()
            if (type == null) unexpected += context else missing -= type
            type != null
        }

    /** Throws an error that names those that were not expected, and those that were and have not come; does nothing if there are none. */
    @SimulationApi
    public fun check() {
        val (reports, absent) = synchronized(unexpected) { unexpected.toList() to missing.toList() }
        if (reports.isEmpty() && absent.isEmpty()) return
        val lines = reports.joinToString("") { "\n${it.withException()}".replace("\n", "\n    ") }
        val parts = listOf(UNEXPECTED + lines, ABSENT + absent.joinToString { it.name })
        val shown = parts.filterIndexed { index, _ -> if (index == 0) reports.isNotEmpty() else absent.isNotEmpty() }
        val failure = AssertionError(shown.joinToString("\n"))
        val exceptions = reports.mapNotNull { it.exception }
        exceptions.firstOrNull()?.let(failure::initCause)
        exceptions.drop(1).forEach(failure::addSuppressed)
        throw failure
    }

    private inner class Recorder : ExceptionHandler {
        val errors = this@ReportedErrors

        override fun handle(
            loop: EventLoop,
            context: ExceptionContext,
        ) {
            if (!isExpected(context)) report(loop, context)
        }
    }

    public companion object {
        private const val UNEXPECTED =
            "errors reached the loop's exception handler during the test: retrieve the exception of a task or future that is meant to " +
                "fail, or, if they are meant, expect them by ReportedErrors or set an exceptionHandler of your own:"

        private const val ABSENT = "the test expected errors that have not reached the loop's exception handler: "

        /**
         * The errors of the test that is running in this thread.
         *
         * @throws IllegalStateException if no loop is running, or its exception handler is not a test's.
         */
        @JvmStatic
        public fun ofRunningTest(): ReportedErrors {
            val handler = getRunningLoop().exceptionHandler
            check(handler is Recorder) { "the running loop's exceptionHandler is $handler: only a test's own handler expects errors" }
            return handler.errors
        }
    }
}

/** As [ReportedErrors.expect], for the type [E]. */
public inline fun <reified E : Throwable> ReportedErrors.expect(): Unit = expect(E::class.java)

/** The message and the exception. */
internal fun ExceptionContext.withException(): String = listOfNotNull(this, exception).joinToString("\n")
