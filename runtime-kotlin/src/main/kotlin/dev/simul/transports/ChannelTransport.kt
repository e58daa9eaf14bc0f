// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/**
 * A stream over a connected [channel], by TCP or in the Unix domain, which it owns and closes.
 *
 * Source: `asyncio.selector_events._SelectorSocketTransport`.
 *
 * @param owner hears when the transport begins and ends: the server that accepted the connection.
 */
internal class ChannelTransport(
    private val loop: EventLoop,
    private val channel: SocketChannel,
    override var protocol: StreamingProtocol,
    private val owner: TransportOwner? = null,
) : Transport,
    Releasable {
    init {
        check(channel.isConnected) { "$channel is not connected: connect it before" }
    }

    private val watch = Watch.ofFree(loop, channel).also { it.owner = this }
    private val incoming = Scratch.incoming[loop]
    private val outgoing = Scratch.outgoing[loop]
    private val flow = WriteFlow(loop, this) { protocol }
    private val backlog = Backlog()
    private val sockname = channel.localAddress
    private val peername = channel.remoteAddress
    private var isPaused = false

    /** The protocol that was told that the peer sends nothing more; another one, set later, is told too when it reads. */
    private var toldOfEnd: StreamingProtocol? = null
    private var isEnded = false

    /** How often the connection was found to be gone. */
    private var lost = 0

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? =
        when (name) {
            "socket" -> channel
            "sockname" -> sockname
            "peername" -> peername
            else -> null
        }

    /** Tells the protocol of the connection, then begins to receive, then completes [waiter]: each in a turn's callback. */
    fun start(waiter: Future<Unit>?) {
        OpenTransports[loop].add(this)
        owner?.attach(this)
        loop.callSoon { protocol.connectionMade(this) }
        loop.callSoon { receive() }
        if (waiter != null) loop.callSoon { if (!waiter.done()) waiter.setResult(Unit) }
    }

    // Receiving.

    override val isReading: Boolean get() = !isClosing && !isPaused

    override fun pauseReading() {
        if (!isReading) return
        isPaused = true
        watch.stopReading()
    }

    override fun resumeReading() {
        if (isClosing || !isPaused) return
        isPaused = false
        receive()
    }

    private fun receive() {
        if (isReading && protocol !== toldOfEnd) watch.read(CallbackHandle(loop, loop.copyCurrentContext(), ::readReady))
    }

    private fun readReady() {
        if (lost > 0) return
        when (val protocol = protocol) {
            is BufferedProtocol -> readInto(protocol)
            is Protocol -> incoming.use { read(protocol, it) }
            else -> fail(IllegalStateException("$protocol is neither a Protocol nor a BufferedProtocol: it cannot receive"), "reading")
        }
    }

    private fun read(
        protocol: Protocol,
        buffer: ByteBuffer,
    ) {
        if (read(buffer) > 0) call("dataReceived") { protocol.dataReceived(buffer.flip()) }
    }

    private fun readInto(protocol: BufferedProtocol) {
        val buffer = call("getBuffer") { protocol.getBuffer(-1).also(::checkRoom) } ?: return
        val count = read(buffer)
        if (count > 0) call("bufferUpdated") { protocol.bufferUpdated(count) }
    }

    /** Returns how many bytes have come; with 0 or fewer there is nothing more to do. */
    private fun read(buffer: ByteBuffer): Int =
        try {
            channel.read(buffer).also { if (it < 0) ended() }
        } catch (e: IOException) {
            fail(e.named(), "Fatal read error on socket transport")
            0
        }

    private fun ended() {
        toldOfEnd = protocol
        val staysOpen = call("eofReceived") { protocol.eofReceived() } ?: return
        if (staysOpen) watch.stopReading() else close()
    }

    /** Returns null if it failed: that has been dealt with. */
    private inline fun <R> call(
        what: String,
        block: () -> R,
    ): R? =
        try {
            block()
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail(e, "Fatal error: protocol.$what() call failed.")
            null
        }

    // Sending.

    override val writeBufferSize: Int get() = backlog.size

    override val writeBufferLimits: WriteBufferLimits get() = flow.limits

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = flow.setLimits(high, low, backlog.size)

    override fun write(data: ByteBuffer) {
        check(!isEnded) { "Cannot write after writeEof(): the sending direction of this connection is ended" }
        check(!isLent) { SENDFILE_IN_PROGRESS }
        if (!data.hasRemaining()) return
        if (lost > 0) return drop(data)
        if (backlog.isEmpty() && !send(data)) return
        if (!data.hasRemaining()) return
        if (backlog.isEmpty()) watch.write(CallbackHandle(loop, loop.copyCurrentContext(), ::writeReady))
        backlog.add(data)
        flow.grown(backlog.size)
    }

    private fun drop(data: ByteBuffer): Unit = drop(data, lost++, "written: its connection is lost")

    /** Sends what the system takes now. Returns false if that failed. */
    private fun send(data: ByteBuffer): Boolean {
        try {
            if (data.isDirect) channel.write(data) else outgoing.use { sendBy(it, data) }
        } catch (e: IOException) {
            data.position(data.limit())
            fail(e.named(), "Fatal write error on socket transport")
            return false
        }
        loop.poller.expectNews()
        return true
    }

    private fun sendBy(
        scratch: ByteBuffer,
        data: ByteBuffer,
    ) {
        do {
            val start = data.position()
            scratch.clear().putSome(data)
            val sent = channel.write(scratch.flip())
            data.position(start + sent)
        } while (!scratch.hasRemaining() && data.hasRemaining())
    }

    private fun writeReady() {
        if (lost > 0) return
        try {
            outgoing.use { backlog.sendTo(channel, it) }
        } catch (e: IOException) {
            watch.stopWriting()
            backlog.clear()
            return fail(e.named(), "Fatal write error on socket transport")
        }
        loop.poller.expectNews()
        flow.shrunk(backlog.size) // which may write again, or close
        if (backlog.isEmpty() && lost == 0) sentAll()
    }

    private fun sentAll() {
        watch.stopWriting()
        when {
            isClosing -> lose(null)
            isEnded -> shutdownOutput()
            isLent -> tellBorrower()
        }
    }

    override fun canWriteEof(): Boolean = true

    override fun writeEof() {
        if (isClosing || isEnded) return
        check(!isLent) { SENDFILE_IN_PROGRESS }
        isEnded = true
        if (backlog.isEmpty()) shutdownOutput()
    }

    private fun shutdownOutput() {
        loop.poller.expectNews()
        try {
            channel.shutdownOutput()
        } catch (e: IOException) {
            fail(e.named(), "Fatal error on socket transport")
        }
    }

    // Sending by somebody else.

    /** Whether somebody else sends by the channel: nothing may be written then. */
    private var isLent = false

    /** What that one waits for: that all is sent which was written before, or that more can be sent. */
    private var borrower: Future<Unit>? = null

    /** Has [send] send by the channel, after all that was written before. Meanwhile nothing is received. */
    suspend fun <R> lend(send: suspend (SocketChannel) -> R): R {
        check(!isEnded) { "Cannot send after writeEof(): the sending direction of this connection is ended" }
        check(!isLent) { SENDFILE_IN_PROGRESS }
        val wasReading = isReading
        isLent = true
        pauseReading()
        try {
            if (!backlog.isEmpty()) awaitBorrowed()
            return send(channel)
        } catch (e: ConnectionException) {
            fail(e, "Fatal write error on socket transport")
            throw e
        } finally {
            isLent = false
            loop.poller.expectNews()
            if (wasReading) resumeReading()
        }
    }

    /** Waits until more can be sent by the channel that was lent. */
    suspend fun awaitWritable() {
        if (lost == 0) watch.write(CallbackHandle(loop, loop.copyCurrentContext(), ::tellBorrower))
        try {
            awaitBorrowed()
        } finally {
            watch.stopWriting()
        }
    }

    private suspend fun awaitBorrowed() {
        if (lost > 0) throw ConnectionAbortedException("$this was closed while a file was sent by it")
        val waiter = loop.createFuture<Unit>().also { borrower = it }
        try {
            waiter.await()
        } finally {
            borrower = null
        }
    }

    private fun tellBorrower() {
        borrower?.let { if (!it.done()) it.setResult(Unit) }
    }

    private fun failBorrower(exception: Throwable?) {
        borrower?.let {
            if (!it.done()) it.setException(exception ?: ConnectionAbortedException("$this was closed while a file was sent by it"))
        }
    }

    // The end.

    override fun close() {
        if (isClosing) return
        isClosing = true
        watch.stopReading()
        if (backlog.isEmpty()) loseSoon(null)
    }

    override fun abort(): Unit = forceClose(null)

    private fun fail(
        exception: Throwable,
        message: String,
    ) {
        loop.reportFailure(exception, message, this, protocol)
        forceClose(exception)
    }

    private fun forceClose(exception: Throwable?) {
        if (lost > 0) return
        if (!backlog.isEmpty()) {
            backlog.clear()
            watch.stopWriting()
        }
        if (!isClosing) {
            isClosing = true
            watch.stopReading()
        }
        loseSoon(exception)
    }

    private fun loseSoon(exception: Throwable?) {
        lost++
        watch.stopWriting()
        loop.callSoon { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        lost++
        failBorrower(exception)
        try {
            protocol.connectionLost(exception)
        } finally {
            release()
            OpenTransports[loop].remove(this)
            owner?.detach(this)
        }
    }

    override fun release() {
        isClosing = true
        watch.end()
        channel.close()
    }

    override fun toString(): String =
        buildString {
            append("<ChannelTransport ").append(sockname).append(" to ").append(peername)
            if (isClosing) append(" closing")
            if (!backlog.isEmpty()) append(", unsent: ").append(backlog.size)
            append('>')
        }

    private companion object {
        const val SENDFILE_IN_PROGRESS = "unable to write; sendfile is in progress: wait until it is done"
    }
}
