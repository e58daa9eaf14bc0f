package dev.simul

import dev.simul.context.copyContext
import dev.simul.loop.EventLoop
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
 * Runs [block] in [executor], or in the loop's default one, without the caller's context variables.
 *
 * Cancelling the future keeps the block from starting; if it has started it goes on, and its result is dropped.
 *
 * Source: `loop.run_in_executor(executor, func, *args)`.
 *
 * @throws IllegalStateException if the loop is closed, or its default executor was shut down; if it needs one more thread, and the system
 *   allows none.
 * @throws RejectedExecutionException if the executor takes nothing any more.
 */
public fun <T> EventLoop.runInExecutor(
    executor: Executor? = null,
    block: () -> T,
): Future<T> {
    checkOpen()
    val call = ExecutorCall(this, block)
    startingThread { (executor ?: DefaultExecutor[this].get()).execute(call::perform) }
    OutsideWork[this].begin()
    return call.future
}

private class ExecutorCall<T>(
    loop: EventLoop,
    private val block: () -> T,
) : News(loop) {
    private val taken = AtomicBoolean()
    val future: Future<T> = ExecutorFuture(loop, this)
    private var value: T? = null
    private var failure: Throwable? = null
    private var hasEnded = false

    /** Keeps the block from starting. */
    fun withdraw() {
        if (taken.compareAndSet(false, true)) OutsideWork[loop].end()
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
