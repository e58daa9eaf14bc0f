// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Runner
import dev.simul.context.copyContext
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Runs the parts of one test, such as its set-up, its body and its clean-up, one after the other, on one loop and with the same context
 * variables. Extensions of test frameworks are built on it; in a single function, [runTest] is simpler.
 *
 * ```
 * TestRunner(clock = null).use { test ->
 *     val server = test.run { startServer("127.0.0.1", 0) { reader, writer -> echo(reader, writer) } }
 *     test.run { exchange(server) }
 * }
 * ```
 *
 * The loop is made on first use. Between two parts it does not run: tasks that a part leaves pending continue in the next one, and [close]
 * cancels the rest. A task that is cancelled there does not make the test fail.
 *
 * asyncio has no equivalent; Python's `unittest.IsolatedAsyncioTestCase` does the same.
 *
 * @param timeout how long, in real time, each part and [close] may take; infinite for no limit. The time while the machine sleeps or the
 *   process is stopped does not count. There is no limit while a debugger is attached.
 * @param debug whether the loop is in debug mode; if null, unchanged.
 * @property clock the clock of the loop, which has no loop yet; null stands for the machine's.
 */
public class TestRunner(
    public val clock: VirtualClock? = VirtualClock(),
    timeout: Duration = 60.seconds,
    debug: Boolean? = null,
) : AutoCloseable {
    private val runner = Runner(debug, ::newLoop)
    private val context = copyContext()
    private val limit = TimeLimit(timeout)
    private var isUsed = false
    private var isClosed = false

    /** A framework may give up waiting for a part that runs in another thread, which it interrupts, and close this at once. */
    private val lock = ReentrantLock()

    /** The errors that reached the loop's exception handler. */
    public val errors: ReportedErrors = ReportedErrors()

    /**
     * The loop of the test.
     *
     * @throws IllegalStateException if this is closed.
     */
    public val loop: EventLoop
        get() {
            check(!isClosed) { "the test is closed, and its loop with it" }
            return runner.loop.also { isUsed = true }
        }

    private fun newLoop() = (clock?.newLoop() ?: EventLoop()).apply { exceptionHandler = errors.handler }

    /**
     * Runs [main] as a task of the loop, and returns its result.
     *
     * @param name the name of the task, for reports; if null, `Task-` and a number.
     * @throws Deadlock if nothing more can happen on virtual time.
     * @throws AssertionError if it takes longer than the timeout: its message names each pending task and what it waits for, and the stack
     *   traces of the suppressed exceptions show where. If code has kept the loop's turn until then, its thread is interrupted.
     * @throws InterruptedException if the calling thread is interrupted, with the same report.
     * @throws IllegalStateException in a running loop, and if this is closed.
     */
    public fun <T> run(
        name: String? = null,
        main: suspend () -> T,
    ): T {
        check(getRunningLoopOrNull() == null) {
            "a test cannot be run from a running event loop: if this is inside a test that has a loop, await the code there"
        }
        return lock.withLock { runHere(loop, name, main) }
    }

    private fun <T> runHere(
        loop: EventLoop,
        name: String?,
        main: suspend () -> T,
    ): T {
        val task = loop.createTask(name, context, coroutine = main)
        try {
            return limit.during(loop, "the test") { runner.run(task) }
        } catch (e: Throwable) {
            task.markRetrieved()
            throw e
        }
    }

    /**
     * Cancels the pending tasks and closes the loop, as [Runner.close] does. Closing it again does nothing.
     *
     * @throws AssertionError if errors were reported that the test did not [expect][ReportedErrors.expect], or if it expected others; if this
     *   takes longer than the timeout.
     */
    override fun close(): Unit = lock.withLock(::closeHere)

    private fun closeHere() {
        if (isClosed) return
        isClosed = true
        if (!isUsed) return errors.check()
        val loop = runner.loop
        try {
            limit.during(loop, "the clean-up of the test", runner::close)
        } catch (e: Throwable) {
            runCatching(errors::check).exceptionOrNull()?.let(e::addSuppressed)
            throw e
        }
        errors.check()
    }
}
