// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Asker
import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.Delivered
import dev.simul.DoneCallback
import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.Task
import dev.simul.TaskRegistry
import dev.simul.TaskStep
import dev.simul.Timeout
import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.StackRoom
import dev.simul.loop.getEventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.runInLoop
import dev.simul.shield
import java.time.Duration
import java.util.concurrent.Callable
import kotlin.time.toKotlinDuration

/**
 * A call made by a body, which may await it any number of times; created by [dev.simul.interop.callInBody].
 *
 * Awaited at once, before any other call of the body, it runs in place: without a task and without a turn of its own. Otherwise it starts
 * as a task, with the context variables of the moment of the call, and in the order of the calls: when the body makes the next call, awaits
 * something else, or ends. A call made by a callback of the loop, or by another thread, starts as a task at once.
 *
 * Only the loop's bodies and callbacks may use it, except [cancel] and [observe].
 *
 * @property loop the loop that it runs on.
 */
@FacadeApi
public abstract class Call<T> internal constructor(
    public val loop: EventLoop,
    private var future: Future<T>?,
) {
    /** The step of the task in which it runs in place. */
    private var inPlaceIn: TaskStep<*>? = null
    private var hasEndedInPlace = false
    private var value: T? = null
    private var failure: Throwable? = null

    private var isObserved = false
    private var listener: CallListener<T>? = null

    /** Runs it in [body], on its stack. */
    internal abstract fun runHere(body: Body<*>): T

    /** Starts it as a task. */
    internal abstract fun startTask(): Task<T>

    /**
     * Waits in the calling body for the result, and returns it or throws the failure.
     *
     * Cancelling the body's task cancels the call.
     *
     * Source: `await`.
     *
     * @throws IllegalStateException if the caller is not a body, unless this is done.
     */
    public fun await(): T {
        val body = Body.currentOrNull(loop)
        if (body == null) {
            check(loop.isInLoop && done()) { Body.whyNoBody() }
            return start().result()
        }
        StackRoom.requireForAwait()
        if (body.takePending(this) && future == null) return runInPlace(body)
        body.startPending()
        body.checkMayAwait()
        check(inPlaceIn == null || inPlaceIn !== loop.current.owner) { "$this awaits itself" }
        return body.await(if (inPlaceIn == null) start() else shield(start()))
    }

    /**
     * As [await], but waits no longer than [timeout]; the call itself continues.
     *
     * @throws TimeoutException if the timeout has expired.
     */
    public fun await(timeout: Duration): T {
        val body = Body.currentOrNull() ?: return await()
        StackRoom.requireForAwait()
        body.startPending()
        body.checkMayAwait()
        val future = start()
        return Timeout.begin(timeout.toKotlinDuration()).endAfter { body.await(shield(future)) }
    }

    /**
     * Starts this as a task, unless it has begun already.
     *
     * Source: `asyncio.create_task(coro)`.
     *
     * @throws IllegalStateException in a thread that does not hold the loop.
     */
    public fun start(): Future<T> {
        check(loop.isAtHand) { Body.whyNoBody() }
        return future ?: if (hasBegun) futureOfInPlace() else startTask().also(::begin)
    }

    /** Whether it runs, as a task or in place, or has run. */
    public fun begun(): Boolean = future != null || hasBegun

    /** Whether there is a result, an exception or a cancellation. Source: `Future.done()`. */
    public fun done(): Boolean = hasEndedInPlace || future?.done() ?: false

    /** Whether this was cancelled. Source: `Future.cancelled()`. */
    public fun cancelled(): Boolean = if (hasEndedInPlace) failure?.isCancellation ?: false else future?.cancelled() ?: false

    /** Whether this failed or was cancelled. */
    public fun failed(): Boolean = (if (hasEndedInPlace) failure else future?.peekFailure()) != null

    /**
     * Cancels the call; if a body runs it in place, the cancellation is thrown at that body's current await.
     *
     * From another thread this only requests the cancellation.
     *
     * Source: `Task.cancel(msg=None)`.
     *
     * @return false if this is done already; from another thread always true.
     */
    public fun cancel(message: String?): Boolean {
        if (loop.isAtHand) return !hasEndedInPlace && (inPlaceIn?.task ?: start()).cancel(message)
        val thread = Thread.currentThread().name
        loop.runInLoop { TaskRegistry[loop].asking(Asker.THREAD, thread = thread) { cancel(message) } }
        return true
    }

    /** Calls [listener] with the result or the failure when this is done. */
    public fun whenDone(listener: CallListener<T>) {
        check(this.listener == null) { "$this has a listener already: make one that calls both" }
        this.listener = listener
        if (hasEndedInPlace) tellLater() else future?.let(::tellWhenDone)
    }

    /** Declares that the caller handles the outcome: a failure is not reported as never retrieved. */
    public fun observe(): Unit =
        loop.runInLoop {
            isObserved = true
            if (future?.done() == true) future!!.markRetrieved()
        }

    override fun toString(): String =
        when {
            future != null -> "<Call $future>"
            hasEndedInPlace -> "<Call finished ${if (failure == null) "result=$value" else "exception=$failure"}>"
            inPlaceIn != null -> "<Call runs in ${inPlaceIn!!.task}>"
            else -> "<Call not begun>"
        }

    private val hasBegun: Boolean get() = hasEndedInPlace || inPlaceIn != null

    private fun begin(future: Future<T>) {
        this.future = future
        if (listener != null) tellWhenDone(future)
    }

    private fun runInPlace(body: Body<*>): T {
        inPlaceIn = loop.current.owner as TaskStep<*>?
        try {
            return runHere(body).also { value = it }
        } catch (e: Throwable) {
            failure = e
            throw e
        } finally {
            inPlaceIn = null
            hasEndedInPlace = true
            future?.let(::settle)
            if (listener?.isWatched() == true) tellLater() else tell()
        }
    }

    /** The call was made on a stack that had no room for it. */
    internal fun neverBegins(error: StackOverflowError) {
        if (hasBegun || future != null) return
        failure = error
        hasEndedInPlace = true
        if (listener != null) tellLater()
    }

    /** A future for the call that runs, or ran, in place, for another user of it. */
    private fun futureOfInPlace(): Future<T> {
        val future = loop.createFuture<T>()
        this.future = future
        if (hasEndedInPlace) settle(future)
        return future
    }

    private fun settle(future: Future<T>) {
        val failure = failure
        @Suppress("UNCHECKED_CAST")
        when {
            future.done() -> {}
            failure == null -> future.complete(value as T)
            failure.isCancellation -> future.becomeCancelled(failure.message)
            else -> {
                future.fail(failure)
                future.markRetrieved()
            }
        }
    }

    private fun tellWhenDone(future: Future<T>) =
        future.addCallback(
            object : DoneCallback {
                override fun schedule(future: Future<*>) = tellLater()
            },
        )

    private fun tellLater() = if (loop.isClosed) tell() else loop.enqueue(Delivered(loop, ::tell))

    private fun tell() {
        val listener = listener ?: return
        val future = future
        if (hasEndedInPlace || future == null) return listener.done(value, failure)
        if (isObserved) future.markRetrieved()
        val failure = future.peekFailure()
        listener.done(if (failure == null) future.storedResult() else null, failure)
    }

    internal companion object {
        fun <T> to(awaitable: Awaitable<T>): Call<T> =
            if (awaitable is Future<T>) {
                AwaitableCall(awaitable, awaitable.loop, Bindings.Empty, awaitable)
            } else {
                prepared { loop, bindings -> AwaitableCall(awaitable, loop, bindings) }
            }

        fun <T> to(callable: Callable<T>): Call<T> = prepared { loop, bindings -> CallableCall(callable, loop, bindings) }

        private inline fun <T> prepared(make: (EventLoop, Bindings) -> Call<T>): Call<T> {
            val body = Body.currentOrNull()
            if (body != null) return make(body.loop, body.loop.currentBindings).also(body::add)
            val loop = loopOfCaller()
            return make(loop, loop.currentBindings).also { call -> loop.runInLoop { call.start() } }
        }

        private fun loopOfCaller(): EventLoop =
            getRunningLoopOrNull() ?: try {
                getEventLoop()
            } catch (_: IllegalStateException) {
                throw IllegalStateException(Body.whyNoBody())
            }
    }
}

/** Receives the outcome of a [Call]. */
@FacadeApi
public interface CallListener<T> {
    /** Whether [done] runs other code: it is then called in a turn of its own. */
    public fun isWatched(): Boolean

    /** The call has ended with [value], or with [failure]. */
    public fun done(
        value: T?,
        failure: Throwable?,
    )
}

private class AwaitableCall<T>(
    private val awaitable: Awaitable<T>,
    loop: EventLoop,
    private val bindings: Bindings,
    future: Future<T>? = null,
) : Call<T>(loop, future) {
    override fun runHere(body: Body<*>): T = body.await(awaitable)

    override fun startTask(): Task<T> =
        if (awaitable is Coroutine<T>) {
            loop.createTask(awaitable, context = Context(bindings))
        } else {
            loop.createTask(context = Context(bindings)) { awaitable.await() }
        }
}

private class CallableCall<T>(
    private val callable: Callable<T>,
    loop: EventLoop,
    private val bindings: Bindings,
) : Call<T>(loop, null) {
    override fun runHere(body: Body<*>): T = body.runHere(callable)

    override fun startTask(): Task<T> = loop.createTask(context = Context(bindings)) { Body(callable, loop).drive() }
}
