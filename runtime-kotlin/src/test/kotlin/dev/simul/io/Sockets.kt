package dev.simul.io

import dev.simul.createFuture
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoop
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.timeout
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Long enough for any machine, and shorter than for ever. */
internal val LONG = 60.seconds

/** Runs [block] on a loop of the machine's own time, for a minute at most. */
internal fun onLoop(block: suspend (EventLoop) -> Unit) = runLoop { timeout(LONG) { block(getRunningLoop()) } }

/** Waits until [condition] holds; for what no event tells of. */
internal suspend fun until(condition: () -> Boolean) {
    while (!condition()) sleep(1.milliseconds)
}

/** The port that a server on one address was given. */
internal val Server.port: Int get() = (addresses.first() as InetSocketAddress).port

/** Two ends of a connection on the loopback interface. */
internal class SocketPair(
    sendBuffer: Int? = null,
) : AutoCloseable {
    val near: SocketChannel
    val far: SocketChannel

    init {
        ServerSocketChannel.open().use { listener ->
            listener.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            near = SocketChannel.open(listener.localAddress)
            far = listener.accept()
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

/** A protocol that keeps what it is told, in words. */
internal open class RecordingProtocol : Protocol {
    val events = mutableListOf<String>()
    lateinit var transport: Transport
    var lostBy: Throwable? = null
    private val lost = getRunningLoop().createFuture<Unit>()

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        events += "made"
    }

    override fun dataReceived(data: ByteArray) {
        events += "data ${data.decodeToString()}"
    }

    override fun eofReceived(): Boolean {
        events += "eof"
        return false
    }

    override fun pauseWriting() {
        events += "pause"
    }

    override fun resumeWriting() {
        events += "resume"
    }

    override fun connectionLost(exception: Throwable?) {
        events += "lost"
        lostBy = exception
        lost.setResult(Unit)
    }

    suspend fun awaitLost() = lost.await()

    suspend fun awaitEvents(count: Int) = until { events.size >= count }
}

/** Runs [block] with a transport of one end of a connection, whose [RecordingProtocol] has been told of it. */
internal fun <P : RecordingProtocol> withTransport(
    newProtocol: () -> P,
    sendBuffer: Int? = null,
    block: suspend (P, SocketPair, List<ExceptionContext>) -> Unit,
) = onLoop { loop ->
    val reports = loop.recordReports()
    SocketPair(sendBuffer).use { pair ->
        val protocol = newProtocol()
        loop.createTransport(pair.near, protocol, ConnectionOptions())
        block(protocol, pair, reports)
        protocol.transport.abort()
    }
}
