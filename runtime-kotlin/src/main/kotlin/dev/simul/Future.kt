// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.InvalidStateException
import dev.simul.exceptions.StopIteration
import dev.simul.loop.DebugOrigins
import dev.simul.loop.EventLoop
import dev.simul.loop.Origin
import dev.simul.loop.getEventLoop
import java.util.Collections
import java.util.IdentityHashMap
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * A result that is not available yet.
 *
 * Only the loop's thread may use a future; the results of [toCompletableFuture] and [asDeferred] may be used in any thread. An exception
 * that is never retrieved is reported to the loop's exception handler, when the loop closes or when the future is collected, whichever is
 * first.
 *
 * Source: `asyncio.Future(*, loop=None)`.
 *
 * @property loop the loop that calls the callbacks. Source: `Future.get_loop()`.
 */
public open class Future<T>(
    public val loop: EventLoop,
) : Awaitable<T> {
    /**
     * A future of [getEventLoop].
     *
     * A constructor of its own, since the JIT inlines that always, and one with a default argument only by luck.
     */
    public constructor() : this(getEventLoop())

    /** [Pending], [Failed] or [Cancelled]; anything else is the result, whose `equals` is never called. */
    private var state: Any? = Pending
    private var callback: DoneCallback? = null

    init {
        if (loop.debug) DebugOrigins[loop].remember(this)
    }

    /** Whether there is a result, an exception or a cancellation. Source: `Future.done()`. */
    public fun done(): Boolean = state !== Pending

    /** Whether this was cancelled; false if it failed with a [CancelledException]. Source: `Future.cancelled()`. */
    public fun cancelled(): Boolean = state is Cancelled

    /**
     * The result. A failure is thrown, always the same instance.
     *
     * Source: `Future.result()`.
     *
     * @throws CancelledException if this was cancelled.
     * @throws InvalidStateException if this is pending.
     */
    public fun result(): T {
        if (!done()) throw unset("Result")
        failureOrNull()?.let { throw it }
        return storedResult()
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
        if (!done()) throw unset("Exception")
        return when (val state = state) {
            is Failed -> state.retrieve()
            is Cancelled -> throw state.take()
            else -> null
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
     * Completes this with a failure. A [StopIteration] is wrapped, since [await] could not throw it.
     *
     * Source: `Future.set_exception(exception)`.
     *
     * @throws InvalidStateException if this is done already, also if it was cancelled.
     */
    public open fun setException(exception: Throwable): Unit = fail(exception)

    /**
     * Cancels this, and schedules its callbacks; [message] goes into the [CancelledException].
     *
     * If this has failed already, the failure counts as retrieved.
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
     * Calls [callback] with this, in a turn of its own, when this is done; callbacks are called in the order in which they were added.
     *
     * Source: `Future.add_done_callback(callback, *, context=None)`.
     *
     * @param context the context variables it runs with; if null, a copy of the current ones, made now.
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
     * Waits until this is done; if it is, returns at once without giving up the turn.
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
            done() -> resultFor(step)
            else -> suspendCoroutineUninterceptedOrReturn { step.awaitFuture(this, it) }
        }
    }

    /** As [result], for an await of [step]. */
    private fun resultFor(step: TaskStep<*>): T {
        val failure = failureOrNull() ?: return storedResult()
        Traces.thrownAtOnce(step, this, failure)
        throw failure
    }

    /** Whether nobody has asked this yet, of a future that has failed. */
    internal fun isFirstAwait(): Boolean = (state as? Failed)?.isFirstAwait() == true

    override fun toString(): String = "<${describeKind()} ${describeState()}>"

    internal open fun describeKind(): String = "Future"

    /** The description of a wait for this, shown for the waiting task. */
    internal open fun describeWait(): String = toString()

    /** As [describeWait], with what changes by itself: the time that is left. */
    internal open fun describeWaitNow(): String = describeWait()

    /** What a wait for this is, without a word about this one. */
    internal open val waitKind: String get() = "a future"

    internal fun describeState(): String =
        when (val state = state) {
            is Failed -> "finished exception=${state.exception}"
            is Cancelled -> "cancelled"
            else -> if (state === Pending) "pending" else "finished result=${describe(state)}"
        }

    /** The result as text. It may contain this future itself, as `allTasks()` contains the task that returns it. */
    private fun describe(result: Any?): String {
        val described = beingDescribed.get()
        if (!described.add(this)) return "..."
        try {
            return result.toString()
        } finally {
            described.remove(this)
        }
    }

    // Completion of futures and tasks.

    internal fun complete(value: T) {
        requirePending()
        state = value
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
        state = Failed(thrown, UnretrievedException.watch(this, thrown))
        scheduleCallbacks()
    }

    /** Cancels this. If [exception] is not null, the first reader gets it itself: it is what a task's coroutine ended with. */
    internal fun becomeCancelled(
        message: String?,
        exception: CancelledException? = null,
    ): Boolean {
        if (done()) return false
        state = if (message == null && exception == null) PlainCancellation else Cancelled(message, exception)
        scheduleCallbacks()
        return true
    }

    /** The failure that a waiting task throws, or null if there is a result, or nothing yet. Marks it as retrieved. */
    internal fun failureOrNull(): Throwable? =
        when (val state = state) {
            is Failed -> state.retrieve()
            is Cancelled -> state.take()
            else -> null
        }

    /** The result as it is stored; call this only if the future is done and has not failed. */
    @Suppress("UNCHECKED_CAST")
    internal fun storedResult(): T = state as T

    /** Source: `Future._make_cancelled_error()`. */
    internal fun takeCancelledException(): CancelledException = (state as Cancelled).take()

    /** A cancellation to pass on: the instance that is handed out once is left to a reader. */
    internal fun copyCancelledException(): CancelledException = (state as Cancelled).copy()

    internal val cancelMessage: String? get() = (state as Cancelled).message

    /** The failure or the cancellation, without marking it as retrieved; null if there is neither. */
    internal fun peekFailure(): Throwable? =
        when (val state = state) {
            is Failed -> state.exception
            is Cancelled -> state.copy()
            else -> null
        }

    internal fun markRetrieved() {
        (state as? Failed)?.retrieve()
    }

    private fun requirePending() {
        if (done()) throw InvalidStateException("invalid state: $this is done already")
    }

    /** Makes this pending again; only for a caller that alone holds it. */
    internal fun renew() {
        state = Pending
    }

    // Callbacks.

    internal fun addCallback(callback: DoneCallback) {
        val before = this.callback
        when {
            done() -> callback.schedule(this)
            before == null -> this.callback = callback
            before is DoneCallbacks -> before.all.add(callback)
            else -> this.callback = DoneCallbacks(before, callback)
        }
    }

    internal fun removeCallbacks(matches: (DoneCallback) -> Boolean): Int {
        val callbacks = (callback as? DoneCallbacks)?.all ?: listOfNotNull(callback)
        val kept = callbacks.filterNot(matches)
        if (kept.size < callbacks.size) callback = if (kept.size > 1) DoneCallbacks(kept.toMutableList()) else kept.firstOrNull()
        return callbacks.size - kept.size
    }

    /** Who awaits this: see [Awaiting.onBehalfOf]. */
    internal fun awaiters(): List<Future<*>> = callback?.onBehalfOf().orEmpty()

    /** If there is no stack or memory left to schedule the callbacks, this stays pending: no waiter must be forgotten. */
    private fun scheduleCallbacks() {
        val callback = callback ?: return
        this.callback = null
        try {
            callback.schedule(this)
        } catch (e: VirtualMachineError) {
            this.callback = callback
            state = Pending
            throw e
        }
    }

    /** The loop has closed, and this will never be done: tells the waiters outside the loop. */
    internal fun lost() {
        callback?.lost(this)
    }

    internal val origin: Origin? get() = if (loop.debug) DebugOrigins[loop].of(this) else null
}

private val beingDescribed = ThreadLocal.withInitial { Collections.newSetFromMap(IdentityHashMap<Future<*>, Boolean>()) }

/** The state of a future that is not done. */
private data object Pending

private class Failed(
    val exception: Throwable,
    private val unretrieved: UnretrievedException,
) {
    private var isAwaited = false

    fun isFirstAwait(): Boolean = !isAwaited.also { isAwaited = true }

    fun retrieve(): Throwable {
        unretrieved.retrieved()
        return exception
    }
}

/** A cancellation with the message of the request, or with the exception that is handed out once. */
private class Cancelled(
    val message: String?,
    private var exception: CancelledException? = null,
) {
    fun take(): CancelledException = exception?.also { exception = null } ?: CancelledException(message)

    fun copy(): CancelledException = CancelledException(exception?.message ?: message)
}

/** The state of most cancelled futures, shared since there may be many at once. */
private val PlainCancellation = Cancelled(null)

/** Something that a future tells of its end. */
internal interface Awaiting {
    /** The tasks that go on, and the futures that may be done, when the future is done. */
    fun onBehalfOf(): List<Future<*>> = emptyList()
}

/** A callback that a future schedules when it is done. */
internal interface DoneCallback : Awaiting {
    fun schedule(future: Future<*>)

    /** The loop has closed, and [future] will never be done. */
    fun lost(future: Future<*>) {}
}

/** Several callbacks, in the order in which they were added. */
private class DoneCallbacks(
    val all: MutableList<DoneCallback>,
) : DoneCallback {
    constructor(first: DoneCallback, second: DoneCallback) : this(ArrayList(2)) {
        all += first
        all += second
    }

    override fun schedule(future: Future<*>) = all.forEach { it.schedule(future) }

    override fun lost(future: Future<*>) = all.toList().forEach { it.lost(future) }

    override fun onBehalfOf(): List<Future<*>> = all.toList().flatMap { it.onBehalfOf() }
}

internal class FunctionCallback<T>(
    val function: (Future<T>) -> Unit,
    private val context: Context,
) : DoneCallback {
    @Suppress("UNCHECKED_CAST")
    override fun schedule(future: Future<*>) {
        future.loop.callSoon(context) { function(future as Future<T>) }
    }

    override fun onBehalfOf(): List<Future<*>> = (function as? Awaiting)?.onBehalfOf().orEmpty()
}

/** A new future of this loop. Source: `loop.create_future()`. */
public fun <T> EventLoop.createFuture(): Future<T> = Future(this)
