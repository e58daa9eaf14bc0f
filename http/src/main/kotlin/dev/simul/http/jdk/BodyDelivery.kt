// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Future
import dev.simul.http.ClientResponse
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.http.HttpResponse.BodySubscriber
import java.nio.ByteBuffer
import java.util.concurrent.Flow.Subscription
import java.util.concurrent.atomic.AtomicLong

/**
 * Gives a response's body to a subscriber: a list of buffers each time it has asked for one, which nobody else uses afterwards. What it does
 * not ask for is not received, and the server has to wait.
 *
 * @param worker where the subscriber is called if that may block; null to call it on the loop.
 */
internal class BodyDelivery(
    private val loop: EventLoop,
    private val response: ClientResponse,
    private val subscriber: BodySubscriber<*>,
    private val worker: Worker?,
) : Subscription {
    private val demand = AtomicLong()

    @Volatile
    private var isCancelled = false

    @Volatile
    private var misuse: Throwable? = null
    private var waiter: Future<Unit>? = null

    // In the task that delivers.

    /** Returns when the body was given to its end, or the subscriber has cancelled. A failure was told to the subscriber. */
    suspend fun deliver() {
        try {
            call { subscriber.onSubscribe(this) }
            while (awaitDemand()) {
                val buffer = read() ?: break
                call { subscriber.onNext(listOf(buffer)) }
            }
            if (!isCancelled) call { subscriber.onComplete() }
        } catch (e: CancellationException) {
            tell(IOException("the request was cancelled").also { it.initCause(e) })
            throw e
        } catch (e: Throwable) {
            if (isCancelled) return // What it was reading from was closed for that.
            tell(e)
            throw e
        } finally {
            response.close()
        }
    }

    private fun tell(failure: Throwable) {
        if (isCancelled) return
        isCancelled = true
        if (worker == null) subscriber.onError(failure) else worker.begin { subscriber.onError(failure) }
    }

    private suspend inline fun call(crossinline signal: () -> Unit) {
        if (worker == null) signal() else worker.run { signal() }
    }

    /** Waits until a buffer is wanted, unless the body is done; returns false if none will be. */
    private suspend fun awaitDemand(): Boolean {
        while (true) {
            if (isCancelled) return false
            misuse?.let { throw it }
            if (response.body.isDone) return false
            if (takeDemand()) return true
            val waiter = Future<Unit>(loop).also { this.waiter = it }
            try {
                if (!isSignalled()) waiter.await()
            } finally {
                this.waiter = null
            }
        }
    }

    private fun isSignalled() = isCancelled || misuse != null || demand.get() > 0

    private fun takeDemand() = demand.getAndUpdate { if (it == 0L || it == Long.MAX_VALUE) it else it - 1 } > 0

    /** The next bytes, in a buffer of their own; null at the end. */
    private suspend fun read(): ByteBuffer? {
        val body = response.body
        val left = body.bytesLeft ?: 0
        val buffer = ByteBuffer.allocate(if (left in 1 until PART) left.toInt() else PART)
        if (body.read(buffer) < 0) return null
        val size = buffer.position()
        val kept = if (size < buffer.capacity() / 4) ByteBuffer.wrap(buffer.array().copyOf(size)) else buffer.flip()
        return kept.asReadOnlyBuffer()
    }

    // In any thread.

    override fun request(n: Long) {
        if (n <= 0) {
            misuse = IllegalArgumentException("request($n) asks for nothing: n must be positive")
        } else {
            demand.getAndUpdate { if (Long.MAX_VALUE - it < n) Long.MAX_VALUE else it + n }
        }
        inLoop { wake() }
    }

    override fun cancel() {
        isCancelled = true
        inLoop {
            response.close()
            wake()
        }
    }

    private inline fun inLoop(crossinline block: () -> Unit) {
        if (getRunningLoopOrNull() === loop) {
            block()
        } else if (!loop.isClosed) {
            loop.callSoonThreadsafe { block() }
        }
    }

    private fun wake() {
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }

    private companion object {
        const val PART = 16 * 1024
    }
}
