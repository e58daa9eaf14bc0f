// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Future
import dev.simul.http.BodyWriter
import dev.simul.http.RequestBody
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import java.io.IOException
import java.net.http.HttpRequest.BodyPublisher
import java.nio.ByteBuffer
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription

/**
 * A request's body that a publisher gives: it is asked for one buffer after the other, the next when the one before it is written. To be sent
 * again, it is subscribed to again.
 *
 * @param worker where the publisher is called if that may block; null to call it on the loop.
 */
internal class PublishedBody(
    private val loop: EventLoop,
    private val publisher: BodyPublisher,
    private val worker: Worker?,
) : RequestBody() {
    override val length: Long? = publisher.contentLength().takeIf { it >= 0 }

    override val isReplayable: Boolean get() = true

    override suspend fun writeTo(writer: BodyWriter) {
        val buffers = PublishedBuffers(loop, worker)
        var size = 0L
        try {
            if (worker == null) publisher.subscribe(buffers) else worker.run { publisher.subscribe(buffers) }
            while (true) {
                val buffer = buffers.next() ?: break
                size += buffer.remaining()
                if (length != null && size > length) throw IOException("Too many bytes in request body. Expected: $length, got: $size")
                writer.write(buffer)
            }
        } finally {
            buffers.end()
        }
        if (length != null && size < length) throw IOException("Too few bytes in request body. Expected: $length, got: $size")
    }

    override fun toString(): String = "<RequestBody of $publisher>"

    companion object {
        /** The body that [publisher] gives; its bytes at once if it has them in memory. */
        fun of(
            loop: EventLoop,
            publisher: BodyPublisher,
            worker: Worker,
        ): RequestBody =
            when {
                publisher.contentLength() == 0L -> EMPTY
                JdkClasses.hasBytes(publisher) -> InMemory(publisher.contentLength()).also(publisher::subscribe).body()
                JdkClasses.mayBlock(publisher) -> PublishedBody(loop, publisher, worker)
                else -> PublishedBody(loop, publisher, null)
            }
    }
}

/** Takes the buffers of a publisher that gives all of them at once. */
private class InMemory(
    private val length: Long,
) : Subscriber<ByteBuffer> {
    private var first: ByteBuffer? = null
    private var all: ByteBuffer? = null
    private var failure: Throwable? = null

    override fun onSubscribe(subscription: Subscription) = subscription.request(Long.MAX_VALUE)

    override fun onNext(item: ByteBuffer) {
        if (first == null && item.remaining().toLong() == length) {
            first = item
        } else {
            (all ?: ByteBuffer.allocate(length.toInt()).also { all = it }).put(item)
        }
    }

    override fun onError(throwable: Throwable) {
        failure = throwable
    }

    override fun onComplete() = Unit

    fun body(): RequestBody {
        failure?.let { throw it }
        return RequestBody.of(first ?: all!!.flip())
    }
}

/** The buffers of one subscription, whose publisher may signal in any thread. */
private class PublishedBuffers(
    private val loop: EventLoop,
    private val worker: Worker?,
) : Subscriber<ByteBuffer> {
    private var subscription: Subscription? = null
    private var buffer: ByteBuffer? = null
    private var isComplete = false
    private var failure: Throwable? = null
    private var hasEnded = false
    private var waiter: Future<Unit>? = null

    // In the task that writes.

    /** Asks for the next buffer and waits for it; null at the end. */
    suspend fun next(): ByteBuffer? {
        await { subscription != null }
        if (!isOver) {
            val subscription = subscription!!
            if (worker == null) subscription.request(1) else worker.run { subscription.request(1) }
        }
        await { buffer != null }
        buffer?.let { return it.also { buffer = null } }
        failure?.let { throw it }
        return null
    }

    private val isOver get() = isComplete || failure != null

    private suspend inline fun await(isThere: () -> Boolean) {
        while (!isThere() && !isOver) {
            val waiter = Future<Unit>(loop).also { this.waiter = it }
            try {
                waiter.await()
            } finally {
                this.waiter = null
            }
        }
    }

    /** Nothing more is wanted. */
    fun end() {
        if (!isOver) subscription?.cancel()
        hasEnded = true
    }

    // In any thread.

    override fun onSubscribe(subscription: Subscription) =
        inLoop {
            when {
                this.subscription != null || hasEnded -> subscription.cancel()
                else -> this.subscription = subscription
            }
        }

    override fun onNext(item: ByteBuffer) {
        inLoop {
            if (buffer == null) buffer = item else failure = failure ?: IOException("a publisher gave a buffer that nobody asked for")
        }
    }

    override fun onError(throwable: Throwable) = inLoop { if (!isOver) failure = throwable }

    override fun onComplete() = inLoop { isComplete = true }

    private inline fun inLoop(crossinline block: () -> Unit) {
        if (getRunningLoopOrNull() === loop) {
            block()
            wake()
        } else {
            loop.callSoonThreadsafe {
                block()
                wake()
            }
        }
    }

    private fun wake() {
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }
}
