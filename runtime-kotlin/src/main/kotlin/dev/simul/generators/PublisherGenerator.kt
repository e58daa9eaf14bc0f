// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.OutsideWork
import dev.simul.SingleWaiter
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import java.util.concurrent.atomic.AtomicInteger

/**
 * A generator of this publisher's items: it subscribes when the first item is requested, and cancels the subscription when it is closed. An
 * error passed to `onError` is thrown after the items before it.
 *
 * @param prefetch how many items the publisher may send ahead.
 * @throws IllegalArgumentException if [prefetch] is not positive.
 */
public fun <T : Any> Publisher<T>.toAsyncGenerator(prefetch: Int = DEFAULT_PREFETCH): AsyncGenerator<T, Nothing> {
    require(prefetch > 0) { "prefetch must be positive, not $prefetch" }
    val publisher = this
    return asyncGenerator {
        val items = PublishedItems<T>(publisher, getRunningLoop(), prefetch)
        publisher.subscribe(items)
        try {
            while (true) yield(items.next() ?: break)
        } finally {
            items.close()
        }
    }
}

private const val DEFAULT_PREFETCH = 16

/** A subscriber that passes the calls of other threads to the loop, which handles all calls in their order. */
private class PublishedItems<T : Any>(
    private val publisher: Publisher<T>,
    private val loop: EventLoop,
    private val prefetch: Int,
) : Subscriber<T> {
    private val isOutside = (publisher as? FlowPublisher<*>)?.loop !== loop
    private val items = ArrayDeque<T>()
    private val batch = (prefetch + 1) / 2

    /** How many items were taken since the last request. */
    private var taken = 0
    private var subscription: Subscription? = null
    private var ended = false
    private var failure: Throwable? = null
    private var waiter: SingleWaiter? = null

    /** How many calls of other threads the loop has yet to handle. */
    private val underWay = AtomicInteger()

    /** Waits for the next item; null if there are no more. */
    suspend fun next(): T? {
        while (items.isEmpty()) {
            failure?.let { throw it }
            if (ended) return null
            awaitSignal()
        }
        val item = items.removeFirst()
        if (++taken == batch && !ended) {
            taken = 0
            ask(batch)
        }
        return item
    }

    private suspend fun awaitSignal() {
        val waiter = SingleWaiter(loop, "anext", publisher)
        this.waiter = waiter
        if (isOutside) OutsideWork[loop].begin()
        try {
            waiter.await()
        } finally {
            this.waiter = null
            if (isOutside) OutsideWork[loop].end()
        }
    }

    fun close() {
        items.clear()
        stop()
    }

    /** From now on, calls of the publisher are ignored. */
    private fun stop() {
        if (ended) return
        ended = true
        subscription?.cancel()
    }

    private fun ask(n: Int) =
        try {
            subscription!!.request(n.toLong())
        } catch (e: Throwable) {
            fail(e)
        }

    private fun fail(exception: Throwable) {
        failure = exception
        stop()
    }

    // In any thread.

    override fun onSubscribe(subscription: Subscription) =
        inLoop {
            if (ended || this.subscription != null) {
                subscription.cancel()
            } else {
                this.subscription = subscription
                ask(prefetch)
            }
        }

    override fun onNext(item: T) =
        inLoop {
            when {
                ended -> {}
                items.size == prefetch -> fail(IllegalStateException("$publisher has sent more than the $prefetch items asked for"))
                else -> items.addLast(item)
            }
        }

    override fun onError(throwable: Throwable) =
        inLoop {
            if (!ended) failure = throwable
            ended = true
        }

    override fun onComplete() = inLoop { ended = true }

    /** At once if the loop makes the call, and no other thread's call is on its way: calls come one after the other. */
    private inline fun inLoop(crossinline action: () -> Unit) {
        if (loop.isInLoop && underWay.get() == 0) return handle(action)
        if (loop.isClosed) return
        underWay.incrementAndGet()
        loop.enqueueThreadsafe(
            Callback {
                underWay.decrementAndGet()
                loop.current.runDetached { handle(action) }
            },
        )
    }

    private inline fun handle(action: () -> Unit) {
        try {
            action()
        } catch (e: Throwable) {
            fail(e)
        }
        waiter?.wake()
    }
}
