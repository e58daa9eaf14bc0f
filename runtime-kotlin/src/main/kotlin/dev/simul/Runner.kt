// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.logger
import dev.simul.loop.setEventLoop
import kotlin.time.Duration.Companion.seconds

/**
 * Runs [main] as a task of a new loop, then ends all other tasks and closes the loop.
 *
 * Ctrl-C cancels [main]. If it then ends cancelled, this ends with a [KeyboardInterrupt]; before that, it may await while cleaning up, or
 * refuse the cancellation and continue. The second Ctrl-C ends this at once, even if [main] is still cleaning up, and lists on the
 * standard error stream the tasks that have not ended. A [main] that is busy without awaiting reacts to neither: the second then shows its
 * stack, and the third ends the program, as Ctrl-C does without Simul.
 *
 * If this was called in the program's main thread, and that has no handler for uncaught exceptions, an uncaught [KeyboardInterrupt] ends
 * the program with the exit status 130, a [SystemExit] with its code. In any other thread Ctrl-C ends the program with the same status when
 * this has ended, caught or not. Ctrl-C is left alone if other code handles it; of several [run]s in several threads, the first to begin
 * gets it, and the others after that one. A handler for `INT`, see [dev.simul.loop.addSignalHandler], takes it away from them all.
 *
 * An interrupt of the thread takes effect when the loop next waits: it ends all tasks and then this, with an [InterruptedException].
 *
 * Source: `asyncio.run(main, *, debug=None, loop_factory=None)`.
 *
 * @param debug whether the loop is in debug mode; if null, unchanged.
 * @param loopFactory creates the loop; without it, the new loop is also the thread's current one meanwhile.
 * @return the result of [main].
 * @throws IllegalStateException inside a running loop.
 */
public fun <T> run(
    debug: Boolean? = null,
    loopFactory: (() -> EventLoop)? = null,
    main: suspend () -> T,
): T {
    check(getRunningLoopOrNull() == null) {
        "run cannot be called from a running event loop: await the coroutine there, or make a task of it"
    }
    return Runner(debug, loopFactory).use { it.run(main = main) }
}

/**
 * As [run], by a name that nothing hides: inside a class, or a lambda with a receiver, `run { }` is Kotlin's own `run`, whatever is
 * imported, or the class's method of that name.
 *
 * Source: `asyncio.run(main, *, debug=None, loop_factory=None)`.
 *
 * @param debug whether the loop is in debug mode; if null, unchanged.
 * @param loopFactory creates the loop; without it, the new loop is also the thread's current one meanwhile.
 * @return the result of [main].
 * @throws IllegalStateException inside a running loop.
 */
public fun <T> runLoop(
    debug: Boolean? = null,
    loopFactory: (() -> EventLoop)? = null,
    main: suspend () -> T,
): T = run(debug, loopFactory, main)

/**
 * Runs several coroutines, one after the other, on one loop and with the same context variables.
 *
 * The loop is made on first use.
 *
 * Source: `asyncio.Runner(*, debug=None, loop_factory=None)`.
 *
 * @param debug whether the loop is in debug mode; if null, unchanged.
 * @param loopFactory creates the loop; without it, the new loop is also the thread's current one until [close].
 */
public class Runner(
    private val debug: Boolean? = null,
    private val loopFactory: (() -> EventLoop)? = null,
) : AutoCloseable {
    private var closed = false
    private var loopOrNull: EventLoop? = null
    private var context: Context? = null

    /** Whether the user interrupted a run outside the main thread, where the [KeyboardInterrupt] that it throws cannot end the program. */
    private var passesInterruptOn = false

    /** Whether Ctrl-C is the business of others: of a supervisor, say. */
    internal var leavesInterrupts = false

    /** How long, in real time, tasks may take to end, when they were cancelled, before they are named. */
    internal var patience = 5.seconds

    /**
     * The runner's loop.
     *
     * Source: `Runner.get_loop()`.
     *
     * @throws IllegalStateException if the runner is closed.
     */
    public val loop: EventLoop
        get() {
            check(!closed) { "Runner is closed: make a new one" }
            return loopOrNull ?: makeLoop().also { loopOrNull = it }
        }

    private fun makeLoop(): EventLoop {
        val loop = loopFactory?.invoke() ?: EventLoop().also { setEventLoop(it) }
        if (debug != null) loop.debug = debug
        context = copyContext()
        return loop
    }

    /**
     * Runs [main] as a task, and returns its result. Ctrl-C cancels it, as in the function [dev.simul.run].
     *
     * Source: `Runner.run(coro, *, context=None)`.
     *
     * @param context the context variables it runs with; if null, those that all runs of this runner share.
     * @throws IllegalStateException inside a running loop, or if the runner is closed.
     */
    public fun <T> run(
        context: Context? = null,
        main: suspend () -> T,
    ): T = run(Coroutine(main), context)

    /** As the other [run], for an awaitable. */
    public fun <T> run(
        main: Awaitable<T>,
        context: Context? = null,
    ): T {
        check(getRunningLoopOrNull() == null) { "Runner.run cannot be called from a running event loop: await instead" }
        val loop = loop
        val future = if (main is Future<T>) main else loop.createTask(context = context ?: this.context) { main.await() }
        val interrupts = KeyboardInterrupts(loop, future)
        try {
            return if (leavesInterrupts) loop.runUntilComplete(future) else interrupts.during { loop.runUntilComplete(future) }
        } catch (e: Throwable) {
            if (future !== main) future.markRetrieved()
            if (e is KeyboardInterrupt && interrupts.occurred && !isMainThread) passesInterruptOn = true
            if (e is KeyboardInterrupt || e is SystemExit) UncaughtExit.expect()
            throw e
        }
    }

    /**
     * Cancels all remaining tasks and waits for them, closes the live asynchronous generators, shuts the default executor down, waiting at
     * most five minutes for its threads, and closes the loop. Does nothing if the runner is closed or has made no loop.
     *
     * Tasks that have not ended after five seconds of real time are named in the log, once, with what they wait for and who cancelled them.
     *
     * Source: `Runner.close()`.
     */
    override fun close() {
        check(loopOrNull == null || getRunningLoopOrNull() == null) {
            "Runner.close cannot be called from a running event loop: leave it first"
        }
        val loop = loopOrNull ?: return
        closed = true
        loopOrNull = null
        try {
            cancelAllTasks(loop)
            loop.runUntilComplete { loop.shutdownAsyncgens() }
            loop.runUntilComplete { loop.shutdownDefaultExecutor(EXECUTOR_TIMEOUT) }
        } finally {
            if (loopFactory == null) setEventLoop(null)
            try {
                loop.close()
            } finally {
                if (passesInterruptOn) KeyboardInterrupts.passOn()
            }
        }
    }

    private fun cancelAllTasks(loop: EventLoop) {
        val left = allTasks(loop).toList()
        if (left.isEmpty()) return
        TaskRegistry[loop].asking(Asker.CLOSE) { left.forEach { it.cancel() } }
        val reminder = if (loop.goesByMachineTime) loop.callLater(patience) { nameUnended(left) } else null
        try {
            loop.runUntilComplete { gatherResults(left).await() }
        } finally {
            reminder?.cancel()
        }
        for (task in left) {
            val exception = if (task.cancelled()) null else task.exception()
            if (exception != null) {
                loop.callExceptionHandler(
                    ExceptionContext("unhandled exception during run() shutdown", exception, mapOf("task" to task), runIn = task.context),
                )
            }
        }
    }

    /** They are waited for without a limit, so somebody should hear which they are. */
    private fun nameUnended(tasks: List<Task<*>>) {
        val left = tasks.filterNot { it.done() }
        if (left.isEmpty()) return
        logger.warn("run() waits for tasks that were cancelled {} ago and have not ended:{}", patience, describeUnended(left))
    }

    private companion object {
        val EXECUTOR_TIMEOUT = 300.seconds
    }
}
