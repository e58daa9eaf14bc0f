// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.SingleWaiter
import dev.simul.Waiters
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getEventLoop
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.Transport
import java.nio.ByteBuffer

/**
 * Feeds a [StreamReader] from a transport, and lets the [StreamWriter] wait while too many bytes are unsent.
 *
 * Source: `asyncio.StreamReaderProtocol(stream_reader, client_connected_cb=None, loop=None)`.
 *
 * @param clientConnected run by a server for each connection, in a task of its own: if it fails or is cancelled, the connection is closed.
 */
public class StreamReaderProtocol(
    private val reader: StreamReader,
    private val loop: EventLoop = getEventLoop(),
    private val clientConnected: (suspend (StreamReader, StreamWriter) -> Unit)? = null,
) : BufferedProtocol {
    private var transport: Transport? = null
    private val draining = Waiters<Unit>(this, "StreamWriter.drain")
    private var isPaused = false
    private var isLost = false
    private var overTls = false
    private var buffer: ByteBuffer? = null

    internal val isServerSide: Boolean get() = clientConnected != null

    /** Done when the connection is gone. */
    internal val closed = SingleWaiter(loop, "StreamWriter.waitClosed", this)

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        reader.setTransport(transport)
        overTls = transport.getExtraInfo("sslcontext") != null
        val clientConnected = clientConnected ?: return
        val writer = StreamWriter(transport, this, reader, loop)
        loop.createTask { clientConnected(reader, writer) }.addDoneCallback { client ->
            val exception = if (client.cancelled()) null else client.exception()
            if (exception != null) {
                loop.callExceptionHandler(
                    ExceptionContext("Unhandled exception in client_connected_cb", exception, mapOf("transport" to this.transport!!)),
                )
            }
            if (exception != null || client.cancelled()) this.transport!!.close()
        }
    }

    /** Continues the stream through [newTransport], which goes through the old one. */
    internal fun replaceTransport(newTransport: Transport) {
        transport = newTransport
        reader.replaceTransport(newTransport)
        overTls = newTransport.getExtraInfo("sslcontext") != null
    }

    override fun getBuffer(sizeHint: Int): ByteBuffer = reader.bufferToFill().also { buffer = it }

    override fun bufferUpdated(count: Int) {
        val buffer = buffer!!
        this.buffer = null
        reader.filled(buffer)
    }

    /** The writing direction stays open, except over TLS, which ends both directions at once. */
    override fun eofReceived(): Boolean {
        reader.feedEof()
        return !overTls
    }

    override fun pauseWriting() {
        isPaused = true
    }

    override fun resumeWriting() {
        isPaused = false
        draining.wakeAll()
    }

    override fun connectionLost(exception: Throwable?) {
        isLost = true
        if (exception == null) reader.feedEof() else reader.setException(exception)
        if (exception == null) closed.wake() else closed.wake(exception)
        closed.markRetrieved() // a program that does not wait for it is not interested
        if (exception == null) draining.wakeAll() else draining.wakeAll(exception)
    }

    /** Waits while too many bytes are unsent. */
    internal suspend fun drain() {
        if (isLost) throw ConnectionResetException("Connection lost")
        if (isPaused) draining.wait()
    }

    override fun toString(): String = "<StreamReaderProtocol of ${transport ?: reader}>"
}
