// SPDX-License-Identifier: Apache-2.0
@file:JvmName("ReactiveStreams")

package dev.simul.reactivestreams

import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.interop.awaitInBody
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.wrapFuture
import org.reactivestreams.Publisher
import org.reactivestreams.Subscriber
import org.reactivestreams.Subscription
import java.util.concurrent.CompletableFuture

/**
 * Subscribes to [publisher] and waits for its first item, which it returns; null if there is none.
 *
 * It requests one item, and cancels the subscription once it has it: for a publisher of more than one, [toAsyncGenerator] is a loop over all
 * of them. Cancelling the waiting task cancels the subscription.
 *
 * In Java, `ReactiveStreams.await(publisher)` does the same. asyncio has no equivalent.
 *
 * @throws Throwable what the publisher fails with.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun <T : Any> await(publisher: Publisher<T>): T? = firstOf(publisher, getRunningLoop()).await()

/**
 * As [await], of a publisher that has an item.
 *
 * @throws NoSuchElementException if it has none.
 */
@JvmSynthetic
public suspend fun <T : Any> awaitSingle(publisher: Publisher<T>): T = await(publisher) ?: throw nothingFrom(publisher)

/** [await] for bodies in Java. */
@FacadeApi
@JvmName("await")
public fun <T : Any> awaitPublisherInBody(publisher: Publisher<T>): T? = awaitInBody(firstOf(publisher, getRunningLoop()))

/** [awaitSingle] for bodies in Java. */
@FacadeApi
@JvmName("awaitSingle")
public fun <T : Any> awaitSingleInBody(publisher: Publisher<T>): T = awaitPublisherInBody(publisher) ?: throw nothingFrom(publisher)

private fun nothingFrom(publisher: Publisher<*>) =
    NoSuchElementException("$publisher has completed without an item: await() returns null then")

private fun <T : Any> firstOf(
    publisher: Publisher<T>,
    loop: EventLoop,
): Future<T?> {
    val first = FirstItem<T>()
    publisher.subscribe(first)
    return wrapFuture(first, loop)
}

/** The first item of a publisher, which may send it in any thread. Cancelling this cancels the subscription. */
private class FirstItem<T : Any> :
    CompletableFuture<T?>(),
    Subscriber<T> {
    /** Guarded by this. */
    private var subscription: Subscription? = null

    override fun onSubscribe(subscription: Subscription) {
        val isWanted =
            synchronized(this) {
                (this.subscription == null && !isDone).also { if (it) this.subscription = subscription }
            }
        if (isWanted) subscription.request(1) else subscription.cancel()
    }

    override fun onNext(item: T) {
        if (complete(item)) endSubscription()
    }

    override fun onError(failure: Throwable) {
        completeExceptionally(failure)
    }

    override fun onComplete() {
        complete(null)
    }

    override fun cancel(mayInterruptIfRunning: Boolean): Boolean = super.cancel(mayInterruptIfRunning).also { if (it) endSubscription() }

    private fun endSubscription() {
        synchronized(this) { subscription }?.cancel()
    }

    override fun toString(): String = "the first item of a publisher"
}
