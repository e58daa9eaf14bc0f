// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.copyContext
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.StackRoom
import dev.simul.loop.getRunningLoop
import dev.simul.loop.startingThread
import dev.simul.loop.surely
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Runs [block] in a thread of the default executor, with a copy of the caller's context variables, and waits for its result.
 *
 * Cancelling the task ends the wait; the thread goes on, and its result is dropped.
 *
 * The thread inherits nothing from the caller's, but it is reused: what [block] leaves in a [ThreadLocal] the next one finds, as in
 * CPython.
 *
 * Source: `asyncio.to_thread(func, /, *args, **kwargs)`.
 *
 * @throws IllegalStateException if it needs one more thread, and the system allows none.
 */
public suspend fun <T> toThread(block: () -> T): T {
    val context = copyContext()
    return getRunningLoop().runInExecutor { context.run(block) }.await()
}

/**
 * As the other [toThread], of a [block] that is told to stop when the task is cancelled while it runs.
 *
 * The wait ends at once all the same; what [block] does then, and its result, are dropped. A block that has not begun never does, and
 * one that has ended is left alone: what stops it strikes no other work of its thread. The thread's interrupt is cleared after the
 * block, if it came from here.
 *
 * ```
 * connection.createStatement().use { statement ->
 *     toThread(onCancel = statement::cancel) { statement.executeQuery(sql).rows() }
 * }
 * ```
 *
 * @param interruptOnCancel whether the thread is interrupted, which ends most waits of the JDK with an [InterruptedException].
 * @param onCancel called, with a copy of the caller's context variables, in a thread of its own, so that it may block, and is called
 * even if all threads of the executor are busy. It may come when [block] is just ending. What it throws goes to the loop's exception
 * handler. If there is an interrupt too, that comes after it.
 */
public suspend fun <T> toThread(
    interruptOnCancel: Boolean = false,
    onCancel: (() -> Unit)? = null,
    block: () -> T,
): T {
    val context = copyContext()
    val loop = getRunningLoop()
    val work = StoppableWork(loop, interruptOnCancel, onCancel) { context.run(block) }
    return loop.submit(DefaultExecutor[loop].get(), work, work).await()
}

/**
 * Runs [block] in [executor], or in the loop's default one, without the caller's context variables.
 *
 * Cancelling the future keeps the block from starting; if it has started it goes on, and its result is dropped.
 *
 * Source: `loop.run_in_executor(executor, func, *args)`.
 *
 * @throws IllegalStateException if the loop is closed, or its default executor was shut down; if it needs one more thread, and the system
 *   allows none.
 * @throws RejectedExecutionException if the executor no longer takes work.
 */
public fun <T> EventLoop.runInExecutor(
    executor: Executor? = null,
    block: () -> T,
): Future<T> {
    checkOpen()
    return submit(executor ?: DefaultExecutor[this].get(), block)
}

private fun <T> EventLoop.submit(
    executor: Executor,
    block: () -> T,
    stoppable: StoppableWork<T>? = null,
): Future<T> {
    val call = ExecutorCall(this, block, stoppable)
    startingThread { executor.execute(call::perform) }
    OutsideWork[this].begin()
    return call.future
}

private class ExecutorCall<T>(
    loop: EventLoop,
    private val block: () -> T,
    private val stoppable: StoppableWork<T>?,
) : News(loop) {
    private val taken = AtomicBoolean()
    val future: Future<T> = ExecutorFuture(loop, this)
    private var value: T? = null
    private var failure: Throwable? = null
    private var hasEnded = false

    /** Keeps the block from starting; if it has started, tells it to stop, where that was asked for. */
    fun withdraw() {
        if (taken.compareAndSet(false, true)) OutsideWork[loop].end() else stoppable?.stop()
    }

    /** In another thread, or where an executor says. */
    fun perform() {
        if (!taken.compareAndSet(false, true)) return
        try {
            StackRoom.requireForAwait() // An executor may run it where its caller stands, however deep.
            value = block()
        } catch (e: Throwable) {
            failure = e
        }
        surely { tell() }
    }

    override fun hear() {
        if (!hasEnded) {
            hasEnded = true
            OutsideWork[loop].end()
        }
        if (future.done()) return
        val failure = failure
        @Suppress("UNCHECKED_CAST")
        if (failure == null) future.complete(value as T) else future.fail(failure)
    }
}

private class ExecutorFuture<T>(
    loop: EventLoop,
    private val call: ExecutorCall<T>,
) : Future<T>(loop) {
    override fun cancel(message: String?): Boolean = super.cancel(message).also { if (it) call.withdraw() }

    override fun describeWait(): String = "a thread"
}
