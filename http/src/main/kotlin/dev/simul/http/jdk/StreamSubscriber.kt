// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.streams.StreamReader
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WriteBufferLimits
import java.net.http.HttpResponse.BodySubscriber
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow.Subscription
import java.util.function.BiFunction

/**
 * Gives the body of a response as a stream that tasks of [loop] read. It asks for more while the reader has room, whichever client it is that
 * delivers.
 *
 * @param wrap makes the result: of the reader, and of what ends the delivery early.
 */
@FacadeApi
public class StreamSubscriber<T>(
    private val loop: EventLoop,
    wrap: BiFunction<StreamReader, Runnable, T>,
) : BodySubscriber<T> {
    private val reader = StreamReader(loop = loop)
    private val result = CompletableFuture.completedFuture(wrap.apply(reader, Runnable(::cancel)))
    private var subscription: Subscription? = null
    private var isReading = true
    private var hasEnded = false

    override fun getBody(): CompletionStage<T> = result

    override fun onSubscribe(subscription: Subscription): Unit =
        inLoop {
            this.subscription = subscription
            reader.setTransport(Demand(this))
            if (hasEnded) subscription.cancel() else subscription.request(1)
        }

    override fun onNext(item: List<ByteBuffer>): Unit =
        inLoop {
            if (!hasEnded) item.forEach(reader::feedData)
            if (!hasEnded && isReading) subscription!!.request(1)
        }

    override fun onError(throwable: Throwable): Unit =
        inLoop {
            if (!hasEnded) reader.setException(throwable)
            hasEnded = true
        }

    override fun onComplete(): Unit =
        inLoop {
            if (!hasEnded) reader.feedEof()
            hasEnded = true
        }

    private fun cancel() =
        inLoop {
            if (!hasEnded) {
                hasEnded = true
                reader.setException(IllegalStateException("the body was closed before its end"))
                subscription?.cancel()
            }
        }

    private fun resume() {
        isReading = true
        if (!hasEnded) subscription!!.request(1)
    }

    private inline fun inLoop(crossinline block: () -> Unit) {
        if (getRunningLoopOrNull() === loop) block() else loop.callSoonThreadsafe { block() }
    }

    /** What the reader pauses while it has much to be read. */
    private class Demand(
        private val subscriber: StreamSubscriber<*>,
    ) : Transport {
        override val isReading: Boolean get() = subscriber.isReading

        override val isClosing: Boolean get() = subscriber.hasEnded

        override var protocol: StreamingProtocol
            get() = refuse()
            set(_) = refuse()

        override val writeBufferSize: Int get() = 0

        override val writeBufferLimits: WriteBufferLimits get() = refuse()

        override fun pauseReading() {
            subscriber.isReading = false
        }

        override fun resumeReading() = subscriber.resume()

        override fun close() = subscriber.cancel()

        override fun abort() = subscriber.cancel()

        override fun getExtraInfo(name: String): Any? = null

        override fun write(data: ByteBuffer) = refuse()

        override fun canWriteEof(): Boolean = false

        override fun writeEof() = refuse()

        override fun setWriteBufferLimits(
            high: Int?,
            low: Int?,
        ) = refuse()

        private fun refuse(): Nothing = throw UnsupportedOperationException("the body of a response is only read")

        override fun toString(): String = "<body of a response>"
    }
}
