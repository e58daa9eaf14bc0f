package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.DoneCallback
import dev.simul.Future
import dev.simul.Task
import dev.simul.TimeoutException
import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.isCancellation
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runInLoop
import dev.simul.shield
import java.time.Duration
import java.util.concurrent.Callable
import java.util.function.BiConsumer

/**
 * What a body has called, and may await once or often; made by [callInBody].
 *
 * Awaited at once, before any other call of the body, it runs in place: without a task and without a turn of its own.
 * Otherwise it starts as a task, with the context variables of the moment of the call, and in the order of the calls: when
 * the body makes the next call, awaits something else, or ends.
 *
 * Calls are for the loop's bodies and callbacks alone, except [cancel] and [observe].
 */
public class Call<T> private constructor(
    private val loop: EventLoop,
    private var work: Work<T>?,
    private var future: Future<T>?,
) {
    private var inPlaceIn: Task<*>? = null
    private var observed = false
    private var listener: BiConsumer<in T?, in Throwable?>? = null

    /**
     * Waits in the calling body for the result, and returns it or throws what was thrown instead.
     *
     * Cancelling the body's task cancels the call.
     *
     * Source: `await`.
     *
     * @throws IllegalStateException if the caller is no body, unless this is done.
     */
    public fun await(): T {
        val body = Body.currentOrNull()
        if (body == null) {
            check(loop.isInLoop && done()) { Body.whyNoBody() }
            return future!!.result()
        }
        if (body.takePending(this) && future == null) return runInPlace(body)
        body.startPending()
        val future = start()
        return body.await(if (inPlaceIn == null) future else shield(future))
    }

    /**
     * As [await], but waits no longer than [timeout]; the call itself goes on.
     *
     * @throws TimeoutException if the time has passed.
     */
    public fun await(timeout: Duration): T {
        val body = Body.currentOrNull() ?: return await()
        body.startPending()
        val future = start()
        return timeoutInBody(timeout) { body.await(shield(future)) }
    }

    /**
     * Has this begin, as a task, unless it has begun already.
     *
     * Source: `asyncio.create_task(coro)`.
     *
     * @throws IllegalStateException in a thread that does not hold the loop.
     */
    public fun start(): Future<T> {
        check(loop.isInLoop) { Body.whyNoBody() }
        return future ?: take().start(loop).also(::begin)
    }

    /** As [start]; the task is called [name]. Returns null if this has begun already. */
    public fun start(name: String): Task<T>? {
        if (future != null) return null
        return take().start(loop, name).also(::begin)
    }

    /** Whether there is a result, an exception or a cancellation. Source: `Future.done()`. */
    public fun done(): Boolean = future?.done() ?: false

    /** Whether this was cancelled. Source: `Future.cancelled()`. */
    public fun cancelled(): Boolean = future?.cancelled() ?: false

    /** Whether this failed or was cancelled. */
    public fun failed(): Boolean = future?.peekFailure() != null

    /**
     * Cancels what was called; the body that runs it in place has the cancellation thrown at its current await.
     *
     * From another thread this only asks for it.
     *
     * Source: `Task.cancel(msg=None)`.
     *
     * @return false if this is done already; from another thread always true.
     */
    public fun cancel(message: String?): Boolean {
        if (loop.isInLoop) return (inPlaceIn ?: start()).cancel(message)
        loop.runInLoop { cancel(message) }
        return true
    }

    /** Has [listener] called with the result or the failure, in a turn of its own, when this is done. */
    public fun whenDone(listener: BiConsumer<in T?, in Throwable?>) {
        check(this.listener == null) { "$this has a listener already: make one that calls both" }
        this.listener = listener
        future?.let(::tellWhenDone)
    }

    /** Promises that somebody looks at the outcome: a failure is not reported as one that was never retrieved. */
    public fun observe(): Unit =
        loop.runInLoop {
            observed = true
            if (done()) future!!.markRetrieved()
        }

    override fun toString(): String = "<Call ${future ?: "not begun"}>"

    private fun take(): Work<T> = work!!.also { work = null }

    private fun begin(future: Future<T>) {
        this.future = future
        if (listener != null) tellWhenDone(future)
    }

    private fun runInPlace(body: Body<*>): T {
        val work = take()
        val future = loop.createFuture<T>()
        begin(future)
        inPlaceIn = currentTask(loop)
        val outcome = runCatching { work.runInPlace(body) }
        inPlaceIn = null
        if (!future.done()) future.settle(outcome)
        return outcome.getOrThrow()
    }

    private fun tellWhenDone(future: Future<T>) =
        future.addCallback(
            object : DoneCallback {
                override fun schedule(future: Future<*>) {
                    if (loop.isClosed) tell() else loop.enqueue(Callback { tell() })
                }
            },
        )

    private fun tell() {
        val future = future!!
        if (observed) future.markRetrieved()
        listener!!.accept(future.storedResult(), future.peekFailure())
    }

    internal companion object {
        fun <T> to(awaitable: Awaitable<T>): Call<T> =
            if (awaitable is Future<T>) {
                Body.current().startPending()
                Call(awaitable.loop, null, awaitable)
            } else {
                pending { context -> AwaitableWork(awaitable, context) }
            }

        fun <T> to(callable: Callable<T>): Call<T> = pending { context -> CallableWork(callable, context) }

        private inline fun <T> pending(work: (Context) -> Work<T>): Call<T> {
            val body = Body.current()
            return Call(getRunningLoop(), work(copyContext()), null).also(body::add)
        }
    }
}

private fun <T> Future<T>.settle(outcome: Result<T>) {
    val failure = outcome.exceptionOrNull()
    @Suppress("UNCHECKED_CAST")
    when {
        failure == null -> complete(outcome.getOrNull() as T)
        failure.isCancellation -> becomeCancelled(failure.message)
        else -> {
            fail(failure)
            markRetrieved()
        }
    }
}

/** What a call does when it begins. */
internal sealed class Work<T>(
    private val context: Context,
) {
    abstract fun runInPlace(body: Body<*>): T

    abstract fun coroutine(): Coroutine<T>

    fun start(
        loop: EventLoop,
        name: String? = null,
    ): Task<T> = loop.createTask(coroutine(), name, context)
}

private class AwaitableWork<T>(
    private val awaitable: Awaitable<T>,
    context: Context,
) : Work<T>(context) {
    override fun runInPlace(body: Body<*>): T = body.await(awaitable)

    override fun coroutine(): Coroutine<T> = awaitable as? Coroutine<T> ?: dev.simul.coroutine { awaitable.await() }
}

private class CallableWork<T>(
    private val callable: Callable<T>,
    context: Context,
) : Work<T>(context) {
    override fun runInPlace(body: Body<*>): T = body.runHere(callable)

    override fun coroutine(): Coroutine<T> = bodyOf(callable)
}
