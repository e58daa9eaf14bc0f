// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.loop.ContextCarriers
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
 * Cancelling the task ends the wait; the thread continues, and its result is dropped.
 *
 * The thread inherits nothing from the caller's, but it is reused: values that [block] leaves in a [ThreadLocal] are visible to later
 * blocks, as in CPython.
 *
 * Source: `asyncio.to_thread(func, /, *args, **kwargs)`.
 *
 * @throws IllegalStateException if it needs one more thread, and the system allows none.
 */
public suspend fun <T> toThread(block: () -> T): T {
    val context = copyContext()
    val loop = getRunningLoop()
    return loop.runInExecutor { context.runCarrying(loop, block) }.await()
}

/**
 * As the other [toThread], for a [block] that is told to stop if the task is cancelled while it runs.
 *
 * The wait still ends at once; what [block] does afterwards, and its result, are dropped. A block that has not begun never begins, and one
 * that has ended is left alone: stopping it never strikes other work of its thread. If the thread was interrupted from here, the interrupt
 * is cleared after the block.
 *
 * ```
 * connection.createStatement().use { statement ->
 *     toThread(onCancel = statement::cancel) { statement.executeQuery(sql).rows() }
 * }
 * ```
 *
 * @param interruptOnCancel whether to interrupt the thread, which ends most waits of the JDK with an [InterruptedException].
 * @param onCancel called, with a copy of the caller's context variables, in a thread of its own: it may block, and is called even if all
 *   threads of the executor are busy. [block] may be ending just then. An exception that it throws goes to the loop's exception handler. If
 *   there is an interrupt too, it comes afterwards.
 */
public suspend fun <T> toThread(
    interruptOnCancel: Boolean = false,
    onCancel: (() -> Unit)? = null,
    block: () -> T,
): T {
    val context = copyContext()
    val loop = getRunningLoop()
    val work = StoppableWork(loop, interruptOnCancel, onCancel) { context.runCarrying(loop, block) }
    return loop.submit(DefaultExecutor[loop].get(), work, work).await()
}

/** Runs [block] in this context, which is a copy, in a thread other than the loop's. */
private fun <T> Context.runCarrying(
    loop: EventLoop,
    block: () -> T,
): T = run { ContextCarriers.around(loop, this, block) }

/**
 * Runs [block] in [executor], or in the loop's default one, without the caller's context variables.
 *
 * Cancelling the future keeps the block from starting; if it has started it continues, and its result is dropped.
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
    val outside = if (executor is SimulatedExecutor) null else OutsideWork[this]
    val call = ExecutorCall(this, outside, block, stoppable)
    startingThread { executor.execute(call::perform) }
    outside?.begin()
    return call.future
}

private class ExecutorCall<T>(
    loop: EventLoop,
    private val outside: OutsideWork?,
    private val block: () -> T,
    private val stoppable: StoppableWork<T>?,
) : News(loop) {
    private val taken = AtomicBoolean()
    val future: Future<T> = ExecutorFuture(loop, this)
    private var value: T? = null
    private var failure: Throwable? = null
    private var hasEnded = false

    /** Keeps the block from starting; if it has started, tells it to stop, provided that the caller asked for that. */
    fun withdraw() {
        if (taken.compareAndSet(false, true)) outside?.end() else stoppable?.stop()
    }

    /** Runs the block, in another thread or wherever the executor runs it. */
    fun perform() {
        if (!taken.compareAndSet(false, true)) return
        try {
            StackRoom.requireForAwait() // An executor may run it on the caller's stack, however deep.
            value = block()
        } catch (e: Throwable) {
            failure = e
        }
        surely { tell() }
    }

    override fun hear() {
        if (!hasEnded) {
            hasEnded = true
            outside?.end()
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
