package dev.simul

import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.loop.EventLoop
import dev.simul.loop.Origin
import dev.simul.loop.getEventLoop
import java.util.Collections
import java.util.IdentityHashMap
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * A result that is not there yet.
 *
 * Futures are for the loop's thread alone, except [toCompletableFuture] and [asDeferred]'s results.
 * An exception that nobody reads is reported to the loop's exception handler, when the loop closes or when the future
 * is collected, whichever is first.
 *
 * Source: `asyncio.Future(*, loop=None)`.
 *
 * @property loop the loop that calls the callbacks. Source: `Future.get_loop()`.
 */
public open class Future<T>(
    public val loop: EventLoop = getEventLoop(),
) : Awaitable<T> {
    private var outcome: Outcome = Pending
    private var value: T? = null
    private var firstCallback: DoneCallback? = null
    private var otherCallbacks: ArrayList<DoneCallback>? = null

    init {
        if (loop.debug) DebugOrigins[loop].remember(this)
    }

    /** Whether there is a result, an exception or a cancellation. Source: `Future.done()`. */
    public fun done(): Boolean = outcome !== Pending

    /** Whether this was cancelled. A future that failed with a [CancelledException] was not. Source: `Future.cancelled()`. */
    public fun cancelled(): Boolean = outcome is Cancellation

    /**
     * The result; what failed is thrown, always the same instance.
     *
     * Source: `Future.result()`.
     *
     * @throws CancelledException if this was cancelled.
     * @throws InvalidStateException if this is pending.
     */
    public fun result(): T {
        if (outcome !== Succeeded) throw failureOrNull() ?: unset("Result")
        @Suppress("UNCHECKED_CAST")
        return value as T
    }

    /**
     * The exception this failed with, or null if it has a result.
     *
     * Source: `Future.exception()`.
     *
     * @throws CancelledException if this was cancelled.
     * @throws InvalidStateException if this is pending.
     */
    public fun exception(): Throwable? {
        when (val outcome = outcome) {
            Pending -> throw unset("Exception")
            Succeeded -> return null
            is Failed -> return outcome.retrieve()
            is Cancellation -> throw outcome.take()
        }
    }

    private fun unset(what: String) = InvalidStateException("$what is not set: $this is pending, await it first")

    /**
     * Completes this with a result.
     *
     * Source: `Future.set_result(result)`.
     *
     * @throws InvalidStateException if this is done already, also if it was cancelled.
     */
    public open fun setResult(value: T): Unit = complete(value)

    /**
     * Completes this with a failure. A [StopIteration] is wrapped, since it could not be thrown by [await].
     *
     * Source: `Future.set_exception(exception)`.
     *
     * @throws InvalidStateException if this is done already, also if it was cancelled.
     */
    public open fun setException(exception: Throwable): Unit = fail(exception)

    /**
     * Cancels this, and has its callbacks called; [message] goes into the [CancelledException].
     *
     * Whoever cancels it is not interested in a failure: one that is there already counts as read.
     *
     * Source: `Future.cancel(msg=None)`.
     *
     * @return false if this is done already.
     */
    public open fun cancel(message: String? = null): Boolean {
        markRetrieved()
        return becomeCancelled(message)
    }

    /**
     * Has [callback] called with this, in a turn of its own, when this is done; callbacks are called in the order of adding.
     *
     * Source: `Future.add_done_callback(callback, *, context=None)`.
     *
     * @param context the context variables it runs with: a copy of the current ones, made now, if it is null.
     */
    public fun addDoneCallback(
        context: Context? = null,
        callback: (Future<T>) -> Unit,
    ): Unit = addCallback(FunctionCallback(callback, context ?: copyContext()))

    /**
     * Removes every entry of [callback] that was added and not called yet.
     *
     * Source: `Future.remove_done_callback(callback)`.
     *
     * @return how many were removed.
     */
    public fun removeDoneCallback(callback: (Future<T>) -> Unit): Int =
        removeCallbacks { it is FunctionCallback<*> && it.function == callback }

    /**
     * Waits until this is done; returns at once, without giving up the turn, if it is.
     *
     * Cancelling the waiting task cancels this future.
     *
     * Source: `await future`.
     *
     * @throws CancelledException if this, or the waiting task, is cancelled.
     */
    override suspend fun await(): T {
        val step = coroutineContext.ownStep
        return when {
            step == null -> awaitOutsideTask()
            outcome !== Pending -> result()
            else -> suspendCoroutineUninterceptedOrReturn { step.awaitFuture(this, it) }
        }
    }

    override fun toString(): String = "<${describeKind()} ${describeState()}>"

    internal open fun describeKind(): String = "Future"

    /** What a task that waits for this is waiting for, in words. */
    internal open fun describeWait(): String = toString()

    internal fun describeState(): String =
        when (val outcome = outcome) {
            Pending -> "pending"
            Succeeded -> "finished result=${describeResult()}"
            is Failed -> "finished exception=${outcome.exception}"
            is Cancellation -> "cancelled"
        }

    /** The result in words. It may hold this very future, as `allTasks()` holds the task that returns it. */
    private fun describeResult(): String {
        val described = beingDescribed.get()
        if (!described.add(this)) return "..."
        try {
            return value.toString()
        } finally {
            described.remove(this)
        }
    }

    // How futures and tasks complete.

    internal fun complete(value: T) {
        requirePending()
        this.value = value
        outcome = Succeeded
        scheduleCallbacks()
    }

    internal fun fail(exception: Throwable) {
        requirePending()
        val thrown =
            if (exception is StopIteration) {
                IllegalStateException("StopIteration interacts badly with generators and cannot be raised into a Future", exception)
            } else {
                exception
            }
        outcome = Failed(thrown, UnretrievedException.watch(this, thrown))
        scheduleCallbacks()
    }

    /** Cancels this. The first reader gets [exception] itself if there is one: what a task's coroutine ended with. */
    internal fun becomeCancelled(
        message: String?,
        exception: CancelledException? = null,
    ): Boolean {
        if (outcome !== Pending) return false
        outcome = if (message == null && exception == null) PlainCancellation else Cancellation(message, exception)
        scheduleCallbacks()
        return true
    }

    /** What a waiting task has thrown at it, or null if there is a result (or nothing yet). Marks it as retrieved. */
    internal fun failureOrNull(): Throwable? =
        when (val outcome = outcome) {
            Pending, Succeeded -> null
            is Failed -> outcome.retrieve()
            is Cancellation -> outcome.take()
        }

    /** The result as it is stored: meaningful if this finished without a failure. */
    internal fun storedResult(): T? = value

    /** Source: `Future._make_cancelled_error()`. */
    internal fun takeCancelledException(): CancelledException = (outcome as Cancellation).take()

    /** The cancellation for those who only pass it on: the one that is handed out once is left to a reader. */
    internal fun copyCancelledException(): CancelledException = (outcome as Cancellation).copy()

    internal val cancelMessage: String? get() = (outcome as Cancellation).message

    /** What this failed with or was cancelled by, without counting as retrieved; null if it did neither. */
    internal fun peekFailure(): Throwable? =
        when (val outcome = outcome) {
            Pending, Succeeded -> null
            is Failed -> outcome.exception
            is Cancellation -> outcome.copy()
        }

    internal fun markRetrieved() {
        (outcome as? Failed)?.retrieve()
    }

    private fun requirePending() {
        if (outcome !== Pending) throw InvalidStateException("invalid state: $this is done already")
    }

    /** Makes this pending again, for whoever has it for himself. */
    internal fun renew() {
        outcome = Pending
    }

    // Callbacks.

    internal fun addCallback(callback: DoneCallback) {
        when {
            outcome !== Pending -> callback.schedule(this)
            firstCallback == null -> firstCallback = callback
            else -> (otherCallbacks ?: ArrayList<DoneCallback>(2).also { otherCallbacks = it }).add(callback)
        }
    }

    internal inline fun removeCallbacks(matches: (DoneCallback) -> Boolean): Int {
        val callbacks = listOfNotNull(firstCallback) + otherCallbacks.orEmpty()
        val kept = callbacks.filterNot(matches)
        if (kept.size < callbacks.size) {
            firstCallback = kept.firstOrNull()
            otherCallbacks = if (kept.size > 1) ArrayList(kept.drop(1)) else null
        }
        return callbacks.size - kept.size
    }

    private fun scheduleCallbacks() {
        val first = firstCallback ?: return
        firstCallback = null
        val others = otherCallbacks
        if (others != null) otherCallbacks = null
        first.schedule(this)
        others?.forEach { it.schedule(this) }
    }

    internal val origin: Origin? get() = if (loop.debug) DebugOrigins[loop].of(this) else null
}

private val beingDescribed = ThreadLocal.withInitial { Collections.newSetFromMap(IdentityHashMap<Future<*>, Boolean>()) }

/** What has become of a future. */
private sealed class Outcome

private data object Pending : Outcome()

/** There is a result, which the future keeps itself. */
private data object Succeeded : Outcome()

private class Failed(
    val exception: Throwable,
    private val unretrieved: UnretrievedException,
) : Outcome() {
    fun retrieve(): Throwable {
        unretrieved.retrieved()
        return exception
    }
}

/** A cancellation with the message of the request, or with the exception that is handed out once. */
private class Cancellation(
    val message: String?,
    private var exception: CancelledException? = null,
) : Outcome() {
    fun take(): CancelledException = exception?.also { exception = null } ?: CancelledException(message)

    fun copy(): CancelledException = CancelledException(exception?.message ?: message)
}

/** The outcome of most that are cancelled, and many may be at once. */
private val PlainCancellation = Cancellation(null)

/** What a future has scheduled when it is done. */
internal interface DoneCallback {
    fun schedule(future: Future<*>)
}

internal class FunctionCallback<T>(
    val function: (Future<T>) -> Unit,
    private val context: Context,
) : DoneCallback {
    @Suppress("UNCHECKED_CAST")
    override fun schedule(future: Future<*>) {
        future.loop.callSoon(context) { function(future as Future<T>) }
    }
}

/** A new future of this loop. Source: `loop.create_future()`. */
public fun <T> EventLoop.createFuture(): Future<T> = Future(this)
