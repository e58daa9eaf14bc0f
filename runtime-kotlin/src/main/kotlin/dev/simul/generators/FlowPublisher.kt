// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.Task
import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoop
import dev.simul.loop.isFatal
import dev.simul.runInLoop
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.resume

/**
 * A publisher of this flow's values for the JVM's reactive libraries, which may subscribe, request and cancel in any thread.
 *
 * Each subscriber gets a run of the flow of its own, as a task of the calling loop and with the caller's context variables; an
 * [AsyncGenerator] has only one run, and refuses a second subscriber with an [IllegalStateException]. A value is computed only when it was
 * requested, and delivered in the loop's thread, which the subscriber must not block.
 *
 * Cancelling the subscription cancels the task and closes a generator. If the task is cancelled, at the end of `run` say, the subscriber
 * gets a [CancelledException].
 *
 * asyncio has no equivalent; the rules are those of `java.util.concurrent.Flow`.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun <T : Any> Flow<T>.toPublisher(): Publisher<T> = FlowPublisher(this, getRunningLoop(), copyContext())

internal class FlowPublisher<T : Any>(
    private val flow: Flow<T>,
    val loop: EventLoop,
    private val context: Context,
) : Publisher<T> {
    private val isTaken = AtomicBoolean()

    override fun subscribe(subscriber: Subscriber<in T>) {
        val subscription = FlowSubscription(flow, loop, subscriber)
        try {
            subscriber.onSubscribe(subscription)
        } catch (e: Throwable) {
            subscription.refuse(e)
        }
        val isSecond = !isTaken.compareAndSet(false, true) && flow is AsyncGenerator<*, *>
        when {
            isSecond -> subscription.fail(IllegalStateException("$flow has a subscriber already: make a generator for each one"))
            loop.isClosed -> subscription.fail(IllegalStateException("$loop is closed: subscribe while it runs"))
            else -> loop.runInLoop { subscription.begin(context.copy()) }
        }
    }

    override fun toString(): String = "<Publisher of $flow>"
}

/** One run of a flow for one subscriber. After `onSubscribe`, the loop makes all calls to the subscriber. */
private class FlowSubscription<T : Any>(
    private val flow: Flow<T>,
    private val loop: EventLoop,
    private val subscriber: Subscriber<in T>,
) : Subscription {
    private val demand = AtomicLong()

    /** Why the run is ended early: [Cancelled], or the subscriber's error. */
    private val stop = AtomicReference<Throwable?>()

    private var task: Task<Unit>? = null

    /** Whether the waiting task waits in the flow, so that only a cancellation can end the wait. */
    private var isInFlow = false
    private var waiting: CancellableContinuation<Unit>? = null

    // In any thread.

    override fun request(n: Long) {
        if (n <= 0) return stop(IllegalArgumentException("request($n) asks for nothing: n must be positive, by rule 3.9"))
        demand.getAndUpdate { if (Long.MAX_VALUE - it < n) Long.MAX_VALUE else it + n }
        loop.runInLoop { wake() }
    }

    override fun cancel() = stop(Cancelled)

    /** The subscriber threw [failure] instead of accepting the subscription. */
    fun refuse(failure: Throwable) {
        if (failure.isFatal) throw failure
        cancel()
        loop.runInLoop { report(failure) }
    }

    /** There will be no run. */
    fun fail(failure: Throwable) {
        if (stop.compareAndSet(null, failure)) subscriber.onError(failure)
    }

    private fun stop(reason: Throwable) {
        if (!stop.compareAndSet(null, reason)) return
        loop.runInLoop { if (isInFlow) task!!.cancel() else wake() }
    }

    // In the loop.

    fun begin(context: Context) {
        task = loop.createTask(context = context) { run() }.also { it.addDoneCallback(context) { finish() } }
    }

    private suspend fun run() {
        try {
            awaitDemand()
            flow.collect {
                isInFlow = false
                hand(it)
                awaitDemand()
            }
        } finally {
            isInFlow = false
            if (flow is AsyncCloseable) flow.aclose()
        }
    }

    private suspend fun awaitDemand() {
        while (true) {
            throwIfStopped()
            if (demand.getAndUpdate { if (it == 0L || it == Long.MAX_VALUE) it else it - 1 } > 0) break
            // Not a future: the next request may come from another thread, which a loop on virtual time has to know of.
            suspendCancellableCoroutine { waiting = it }
        }
        isInFlow = true
    }

    private fun throwIfStopped() {
        if (stop.get() != null) throw CancelledException()
    }

    private fun wake() {
        val waiting = waiting ?: return
        this.waiting = null
        waiting.resume(Unit)
    }

    private fun hand(value: Any?) {
        throwIfStopped()
        if (value == null) throw NullPointerException("$flow has yielded null, which no publisher may publish")
        try {
            @Suppress("UNCHECKED_CAST")
            subscriber.onNext(value as T)
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            stop.compareAndSet(null, Cancelled)
            report(e)
        }
    }

    private fun finish() {
        val task = task!!
        val failure = if (task.cancelled()) CancelledException() else task.exception()
        val stop = stop.getAndSet(Cancelled)
        when {
            stop === Cancelled -> if (failure != null && !task.cancelled()) report(failure)
            stop != null -> tell { subscriber.onError(stop) }
            failure != null -> tell { subscriber.onError(failure) }
            else -> tell { subscriber.onComplete() }
        }
    }

    private inline fun tell(signal: () -> Unit) {
        try {
            signal()
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            report(e)
        }
    }

    private fun report(failure: Throwable) =
        loop.callExceptionHandler(ExceptionContext("Exception in a subscription that nobody can be told of", failure))

    private object Cancelled : Throwable() {
        private fun readResolve(): Any = Cancelled
    }
}
