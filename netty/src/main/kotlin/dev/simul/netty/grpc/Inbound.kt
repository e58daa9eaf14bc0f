// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.EventLoop
import io.grpc.Status

/**
 * The messages that the other side of a call sends: [request] asks gRPC for as many more. No more than [AHEAD] of them wait to be taken,
 * the others wait in the transport, whose window then closes.
 */
internal class Inbound<T : Any>(
    loop: EventLoop,
    what: String,
    private val request: (Int) -> Unit,
) {
    private val messages = ArrayDeque<T>()
    private val signal = Signal(loop, what)
    private var hasEnded = false
    private var failure: Throwable? = null

    fun begin() = request(AHEAD)

    fun add(message: T) {
        messages.addLast(message)
        signal.fire()
    }

    /** There are no more; if there is a [failure], it is thrown after the messages before it. Only the first end counts. */
    fun end(failure: Throwable?) {
        if (hasEnded) return
        hasEnded = true
        this.failure = failure
        signal.fire()
    }

    /** As [end], and what nobody has taken is dropped. */
    fun abort(failure: Throwable) {
        messages.clear()
        end(failure)
    }

    /** Waits for the next message; null if there are no more. */
    suspend fun next(): T? {
        signal.until { messages.isNotEmpty() || hasEnded }
        val message = messages.removeFirstOrNull()
        if (message == null) {
            failure?.let { throw it }
        } else if (!hasEnded) {
            request(1)
        }
        return message
    }

    /** Waits for the end, and returns the one message that there was. */
    suspend fun single(): T {
        signal.until { hasEnded }
        failure?.let { throw it }
        return when (messages.size) {
            1 -> messages.removeFirst()
            0 -> throw Status.INTERNAL.withDescription("the other side has sent no message, and one was expected").asRuntimeException()
            else ->
                throw Status.INTERNAL
                    .withDescription(
                        "the other side has sent several messages, and one was expected",
                    ).asRuntimeException()
        }
    }

    fun asGenerator(): AsyncGenerator<T, Nothing> = asyncGenerator { while (true) yield(next() ?: break) }

    private companion object {
        /** Enough that another thread, if it is the transport's, need not wait for this one after each message. */
        const val AHEAD = 8
    }
}
