// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.isCancellation
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.getEventLoop
import dev.simul.loop.startingThread
import dev.simul.loop.surely
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CompletionStage
import java.util.concurrent.ExecutionException

/**
 * A future of the loop that follows [stage]. Cancelling either cancels the other; a `CompletionException` is unwrapped.
 *
 * Source: `asyncio.wrap_future(future, *, loop=None)`.
 *
 * @param loop the future's loop; if null, the current one.
 * @throws IllegalStateException if [loop] is null and there is no current loop.
 */
public fun <T> wrapFuture(
    stage: CompletionStage<T>,
    loop: EventLoop? = null,
): Future<T> {
    val wrapped = stage.toCompletableFuture()
    val future = WrappedFuture<T>(loop ?: getEventLoop(), "a CompletionStage") { wrapped.cancel(true) }
    wrapped.whenComplete { value, exception -> surely { future.follow(value, exception?.unwrapped()) } }
    return future
}

/** As the other [wrapFuture], for a `CompletableFuture`, which is both a stage and a `java.util.concurrent.Future`. */
public fun <T> wrapFuture(
    future: CompletableFuture<T>,
    loop: EventLoop? = null,
): Future<T> = wrapFuture(future as CompletionStage<T>, loop)

/** As the other [wrapFuture], for a future of any kind that is a stage as well, such as those of some drivers. */
@JvmName("wrapFutureThatIsAStage")
public fun <T, F> wrapFuture(
    future: F,
    loop: EventLoop? = null,
): Future<T> where F : CompletionStage<T>, F : java.util.concurrent.Future<T> = wrapFuture(future as CompletionStage<T>, loop)

/**
 * As the other [wrapFuture], for a future that can only be blocked on: a thread of the default executor blocks on it, unless a
 * [FutureWrapper] knows a better way.
 */
public fun <T> wrapFuture(
    future: java.util.concurrent.Future<T>,
    loop: EventLoop? = null,
): Future<T> {
    if (future is CompletionStage<*>) {
        @Suppress("UNCHECKED_CAST")
        return wrapFuture(future as CompletionStage<T>, loop)
    }
    FutureWrappers.wrapped(future, loop)?.let { return it }
    val wrapping = WrappedFuture<T>(loop ?: getEventLoop(), "a java.util.concurrent.Future") { future.cancel(true) }
    try {
        wrapping.loop.checkOpen()
        val executor = DefaultExecutor[wrapping.loop].get()
        startingThread { executor.execute { surely { wrapping.followBlocking(future) } } }
    } catch (e: Throwable) {
        wrapping.forget()
        throw e
    }
    return wrapping
}

/** As the other [wrapFuture], for a kotlinx `Deferred`. */
@OptIn(ExperimentalCoroutinesApi::class)
public fun <T> wrapFuture(
    deferred: Deferred<T>,
    loop: EventLoop? = null,
): Future<T> {
    val future = WrappedFuture<T>(loop ?: getEventLoop(), "a Deferred") { deferred.cancel(it) }
    deferred.invokeOnCompletion { cause ->
        surely { future.follow(if (cause == null) deferred.getCompleted() else null, cause) }
    }
    return future
}

/** As the other [wrapFuture], for the end of a kotlinx `Job`. */
public fun wrapFuture(
    job: Job,
    loop: EventLoop? = null,
): Future<Unit> {
    val future = WrappedFuture<Unit>(loop ?: getEventLoop(), "a Job") { job.cancel(it) }
    job.invokeOnCompletion { cause -> surely { future.follow(Unit, cause) } }
    return future
}

/** A loop's future that follows an operation which completes in any thread. */
private class WrappedFuture<T>(
    loop: EventLoop,
    private val what: String,
    private val cancelWrapped: (CancelledException) -> Unit,
) : Future<T>(loop) {
    private val outcome = Outcome()

    init {
        OutsideWork[loop].begin()
    }

    override fun cancel(message: String?): Boolean = super.cancel(message).also { if (it) cancelWrapped(CancelledException(message)) }

    /** The wrapped operation has completed, in any thread. */
    fun follow(
        value: T?,
        exception: Throwable?,
    ) {
        outcome.value = value
        outcome.exception = exception
        if (!loop.isInLoop || !outcome.isHeardNow()) surely { outcome.tell() }
        // Not before the loop has it: a loop on virtual time would otherwise find nothing left that could happen.
        OutsideWork[loop].end()
    }

    /** As [follow], in a thread that waits for [wrapped]. */
    fun followBlocking(wrapped: java.util.concurrent.Future<T>) {
        var value: T? = null
        var exception: Throwable? = null
        try {
            value = wrapped.get()
        } catch (e: Throwable) {
            exception = e.unwrapped()
        }
        follow(value, exception)
    }

    /** The operation will never complete. */
    fun forget() = OutsideWork[loop].end()

    private inner class Outcome : News(loop) {
        var value: T? = null
        var exception: Throwable? = null

        /** The thread that completes the future may have no stack left for it. */
        fun isHeardNow(): Boolean =
            try {
                hear()
                true
            } catch (_: VirtualMachineError) {
                false
            }

        override fun hear() {
            val exception = exception
            @Suppress("UNCHECKED_CAST")
            when {
                done() -> {}
                exception == null -> complete(value as T)
                exception.isCancellation -> becomeCancelled(exception.message)
                else -> fail(exception)
            }
        }
    }

    override fun describeWait(): String = what

    override val waitKind: String get() = what
}

private fun Throwable.unwrapped(): Throwable = if (this is CompletionException || this is ExecutionException) cause ?: this else this

/**
 * A `CompletableFuture` for other threads that follows this one. Cancelling either cancels the other.
 *
 * It may be called from any thread.
 */
public fun <T> Future<T>.toCompletableFuture(): CompletableFuture<T> {
    val handedOut = CompletableFuture<T>()
    whereItChanges { connect(handedOut) }
    return handedOut
}

/** Runs [block] in the loop; right here once the loop is closed and nothing changes any longer. */
private fun Future<*>.whereItChanges(block: () -> Unit) =
    when {
        loop.isInLoop || loop.isClosed -> block()
        else -> loop.enqueueThreadsafe(Delivered(loop, block))
    }

private fun <T> Future<T>.connect(handedOut: CompletableFuture<T>) {
    addCallback(
        Delivery(handedOut::lost) {
            val failure = if (cancelled()) null else failureOrNull()
            when {
                cancelled() -> handedOut.cancel(false)
                failure != null -> handedOut.completeExceptionally(failure)
                else -> handedOut.complete(result())
            }
        },
    )
    handedOut.whenComplete { _, _ -> if (handedOut.isCancelled) cancelFromAnyThread(null) }
}

/** Cancels this in its loop, as the calling thread asks, whichever that is. */
private fun Future<*>.cancelFromAnyThread(message: String?) {
    if (loop.isInLoop) return cancel(message).let {}
    val thread = Thread.currentThread().name
    loop.runInLoop { TaskRegistry[loop].asking(Asker.THREAD, thread = thread) { cancel(message) } }
}

/** A result that another thread waits for: delivered in a turn of its own, at the latest when the loop closes. */
internal class Delivered(
    private val loop: EventLoop,
    private val deliver: () -> Unit,
) : Callback {
    private var hasBegun = false

    override fun run() =
        loop.current.runDetached {
            hasBegun = true
            deliver()
        }

    override fun dropped() = deliver()

    override fun cutShort(error: Throwable): Boolean {
        if (hasBegun) return false
        run()
        return true
    }
}

/** The loop has closed before the result was available; [cause] is the error that ended the loop, or null. */
private fun CompletableFuture<*>.lost(cause: Throwable?) {
    if (cause == null) cancel(false) else completeExceptionally(cause)
}

/** Passes a result to another library, whose callbacks run in a turn of their own. */
private class Delivery(
    private val lost: (Throwable?) -> Unit = {},
    private val deliver: () -> Unit,
) : DoneCallback {
    override fun lost(future: Future<*>) = lost(future.loop.endedBy)

    override fun schedule(future: Future<*>) {
        val loop = future.loop
        if (loop.isClosed) deliver() else loop.enqueue(Delivered(loop, deliver))
    }
}

/**
 * A kotlinx `Deferred` that follows this future. Cancelling either cancels the other.
 *
 * It may be called from any thread.
 */
public fun <T> Future<T>.asDeferred(): Deferred<T> {
    val deferred = CompletableDeferred<T>()
    val future = this
    whereItChanges {
        future.addCallback(
            Delivery {
                val failure = if (future.cancelled()) future.copyCancelledException() else future.failureOrNull()
                if (failure == null) deferred.complete(future.result()) else deferred.completeExceptionally(failure)
            },
        )
    }
    deferred.invokeOnCompletion { if (deferred.isCancelled) future.cancelFromAnyThread(it?.message) }
    return deferred
}

/**
 * Runs [coroutine] as a task of [loop], from any thread; the caller may block on the returned future.
 *
 * Cancelling the returned future cancels the task.
 *
 * Source: `asyncio.run_coroutine_threadsafe(coro, loop)`.
 *
 * @throws IllegalStateException if the loop is closed.
 */
public fun <T> runCoroutineThreadsafe(
    loop: EventLoop,
    coroutine: suspend () -> T,
): CompletableFuture<T> {
    val result = CompletableFuture<T>()
    loop.callAwaitedSoon(result::lost) {
        try {
            loop.createTask(coroutine = coroutine).connect(result)
        } catch (e: Throwable) {
            result.completeExceptionally(e)
            throw e
        }
    }
    return result
}
