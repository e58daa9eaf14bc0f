// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.transports.RecordingProtocol
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import java.nio.channels.spi.SelectorProvider
import kotlin.time.Duration.Companion.milliseconds

/** As [onSockets], with the loop as a parameter. */
internal fun onLoop(block: suspend (EventLoop) -> Unit): Unit = onSockets { block(this) }

/** Waits until [condition] holds; for what no event tells of. */
internal suspend fun until(condition: () -> Boolean) {
    while (!condition()) sleep(1.milliseconds)
}

/** Two ends of a connection on the loopback interface, of the system's or of [provider]'s. */
internal class SocketPair(
    sendBuffer: Int? = null,
    provider: SelectorProvider = SelectorProvider.provider(),
) : AutoCloseable {
    val near: SocketChannel
    val far: SocketChannel

    init {
        provider.openServerSocketChannel().use { listener ->
            near = provider.openSocketChannel()
            if (provider is MemoryNetwork) listOf(listener, near).forEach { it.configureBlocking(false) }
            listener.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            near.connect(listener.localAddress)
            far = listener.accept()
            near.finishConnect()
        }
        if (sendBuffer != null) near.setOption(StandardSocketOptions.SO_SNDBUF, sendBuffer)
        far.configureBlocking(false)
    }

    /** Waits until [count] bytes have come to the far end. */
    suspend fun receive(count: Int): String {
        val buffer = ByteBuffer.allocate(count)
        until {
            check(far.read(buffer) >= 0) { "the stream has ended after ${buffer.position()} of $count bytes" }
            !buffer.hasRemaining()
        }
        return buffer.array().decodeToString()
    }

    /** Reads what comes to the far end until that ends; returns how many bytes. */
    suspend fun drain(): Long {
        val buffer = ByteBuffer.allocate(1 shl 16)
        var total = 0L
        until {
            var count = 0
            while (count >= 0) {
                buffer.clear()
                count = far.read(buffer)
                if (count == 0) break
                if (count > 0) total += count
            }
            count < 0
        }
        return total
    }

    fun send(text: String) {
        far.write(ByteBuffer.wrap(text.encodeToByteArray()))
    }

    /** Breaks the connection off, so that the near end finds it reset. */
    fun reset() {
        far.setOption(StandardSocketOptions.SO_LINGER, 0)
        far.close()
    }

    override fun close() {
        near.close()
        far.close()
    }
}

/** Runs [block] with a transport of one end of a connection, whose [RecordingProtocol] has been told of it. */
internal fun <P : RecordingProtocol> withTransport(
    newProtocol: () -> P,
    sendBuffer: Int? = null,
    network: Networks = Networks.REAL,
    block: suspend (P, SocketPair, List<ExceptionContext>) -> Unit,
) = network.onLoop {
    val reports = recordReports()
    SocketPair(sendBuffer, selectorProvider).use { pair ->
        val protocol = newProtocol()
        createTransport(pair.near, protocol, null)
        block(protocol, pair, reports)
        protocol.transport.abort()
    }
}
