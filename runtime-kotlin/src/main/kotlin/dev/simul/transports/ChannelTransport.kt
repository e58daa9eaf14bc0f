// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/**
 * A stream over a connected [channel], by TCP or in the Unix domain, which it owns and closes.
 *
 * Source: `asyncio.selector_events._SelectorSocketTransport`.
 *
 * @param owner told when the transport begins and ends: the server that accepted the connection.
 */
internal class ChannelTransport(
    loop: EventLoop,
    private val channel: SocketChannel,
    override var protocol: StreamingProtocol,
    private val owner: TransportOwner? = null,
) : ReceivingTransport(loop),
    SendingTransport {
    init {
        check(channel.isConnected) { "$channel is not connected: connect it before" }
    }

    private val watch = Watch.ofFree(loop, channel).also { it.owner = this }
    override val sending: Sending = Sending(this)
    override val isConnection: Boolean get() = true
    private val sockname = channel.localAddress
    private val peername = channel.remoteAddress

    /** The protocol that was told of the peer's end of stream; one that is set later is told too when it reads. */
    private var toldOfEnd: StreamingProtocol? = null
    private var isEnded = false

    /** How often the connection was found to be lost. */
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

    /** Calls the protocol's `connectionMade`, then begins to receive, then completes [waiter]: each in a callback of its own. */
    fun start(waiter: SingleWaiter?) {
        begin(loop, waiter, { protocol.connectionMade(this) }, { receive() })
        owner?.attach(this)
    }

    // Receiving.

    override val kind get() = "socket"

    override fun receive() {
        if (protocol !== toldOfEnd) super.receive()
    }

    override fun listen(handle: CallbackHandle) = watch.read(handle)

    override fun ignore() {
        watch.stopReading()
    }

    override fun read(buffer: ByteBuffer): Int = channel.read(buffer)

    override fun ended() {
        toldOfEnd = protocol
        val staysOpen = call("eofReceived") { protocol.eofReceived() } ?: return
        if (staysOpen) watch.stopReading() else close()
    }

    // Sending.

    override fun write(data: ByteBuffer) {
        check(!isEnded) { "Cannot write after writeEof(): the sending direction of this connection is ended" }
        check(!isLent) { SENDFILE_IN_PROGRESS }
        if (!data.hasRemaining()) return
        if (lost > 0) return drop(data, lost++, "written: its connection is lost")
        sending.write(data)
    }

    override fun send(buffer: ByteBuffer): Int = channel.write(buffer).also { loop.poller.expectNews() }

    override fun awaitRoom(handle: CallbackHandle) = watch.write(handle)

    override fun ignoreRoom() {
        watch.stopWriting()
    }

    override fun sentAll() {
        when {
            isClosing -> lose(null)
            isEnded -> shutdownOutput()
            isLent -> tellBorrower()
        }
    }

    override fun sendingFailed(exception: Throwable): Unit = fail(exception, "Fatal write error on socket transport")

    override fun canWriteEof(): Boolean = true

    override fun writeEof() {
        if (isClosing || isEnded) return
        check(!isLent) { SENDFILE_IN_PROGRESS }
        isEnded = true
        if (sending.size == 0) shutdownOutput()
    }

    private fun shutdownOutput() {
        loop.poller.expectNews()
        try {
            channel.shutdownOutput()
        } catch (e: IOException) {
            fail(e.classified(), "Fatal error on socket transport")
        }
    }

    // Sending by a borrower.

    /** Whether the channel is lent to a borrower that sends: nothing may be written then. */
    private var isLent = false

    /** The borrower's wait: until everything written before is sent, or until more can be sent. */
    private var borrower: SingleWaiter? = null

    /** Lends the channel to [send], after everything written before was sent. Meanwhile nothing is received. */
    suspend fun <R> lend(send: suspend (SocketChannel) -> R): R {
        check(!isEnded) { "Cannot send after writeEof(): the sending direction of this connection is ended" }
        check(!isLent) { SENDFILE_IN_PROGRESS }
        val wasReading = isReading
        isLent = true
        pauseReading()
        try {
            if (sending.size > 0) awaitBorrowed()
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

    /** Waits until the borrower can send more. */
    suspend fun awaitWritable() {
        if (lost == 0) watch.write(CallbackHandle(loop, loop.copyCurrentContext(), ::tellBorrower))
        try {
            awaitBorrowed()
        } finally {
            watch.stopWriting()
        }
    }

    private suspend fun awaitBorrowed() {
        if (lost > 0) throw ConnectionAbortedException("$this was closed while a file was being sent through it")
        val waiter = SingleWaiter(loop, "sendfile", this).also { borrower = it }
        try {
            waiter.await()
        } finally {
            borrower = null
        }
    }

    private fun tellBorrower() {
        borrower?.wake()
    }

    private fun failBorrower(exception: Throwable?) {
        borrower?.wake(exception ?: ConnectionAbortedException("$this was closed while a file was being sent through it"))
    }

    // The end.

    override fun close() {
        if (isClosing) return
        isClosing = true
        watch.stopReading()
        if (sending.size == 0) loseSoon(null)
    }

    override fun forceClose(exception: Throwable?) {
        if (lost > 0) return
        if (!isClosing) {
            isClosing = true
            watch.stopReading()
        }
        loseSoon(exception)
    }

    private fun loseSoon(exception: Throwable?) {
        lost++
        sending.clear()
        watch.stopWriting()
        loop.callInOrder { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        lost++
        failBorrower(exception)
        try {
            end(loop) { protocol.connectionLost(exception) }
        } finally {
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
            if (sending.size > 0) append(", unsent: ").append(sending.size)
            append('>')
        }

    private companion object {
        const val SENDFILE_IN_PROGRESS = "unable to write; sendfile is in progress: wait until it is done"
    }
}
