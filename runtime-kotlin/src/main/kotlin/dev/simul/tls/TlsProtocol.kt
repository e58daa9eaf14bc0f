// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.loop.isFatal
import dev.simul.loop.logger
import dev.simul.runInExecutor
import dev.simul.transports.Backlog
import dev.simul.transports.BufferPool
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.ConnectionAbortedException
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.ProtocolCaller
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WriteFlow
import dev.simul.transports.call
import dev.simul.transports.drop
import dev.simul.transports.give
import dev.simul.transports.receiveInto
import dev.simul.transports.reportFailure
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLPeerUnverifiedException

/**
 * TLS between a [transport] and a user's protocol: it is the transport's protocol, and by its [appTransport] the protocol's transport.
 *
 * [advance] does all the work, step by step, until it must wait.
 *
 * Source: `asyncio.sslproto.SSLProtocol`.
 *
 * @param waiter completed after the handshake.
 * @param announces whether the user's protocol is to be told of the connection; an upgraded one knows it already.
 */
internal class TlsProtocol(
    private val loop: EventLoop,
    var appProtocol: StreamingProtocol,
    private val options: TlsOptions,
    private val waiter: SingleWaiter?,
    announces: Boolean = true,
) : BufferedProtocol,
    ProtocolCaller {
    private enum class State {
        /** There is no transport yet. */
        UNWRAPPED,
        DO_HANDSHAKE,
        WRAPPED,

        /** It is closing, and received data still goes to the user. */
        FLUSHING,

        /** It sends the rest, then its closing message, and waits for the peer's. */
        SHUTDOWN,

        /** Closing is left to the transport below. */
        CLOSED,
    }

    /** What the user's protocol was told. */
    private enum class Told { NOTHING, MADE, EOF, LOST }

    val appTransport = TlsTransport(this)
    val flow = WriteFlow(loop, appTransport, DEFAULT_HIGH, isStrict = true) { appProtocol }
    var transport: Transport? = null
        private set

    private var context = options.context
    private val buffers = BufferPool[loop]
    private var engine: TlsEngine? = null
    private var state = State.UNWRAPPED
    private var told = if (announces) Told.NOTHING else Told.MADE
    private var timer: TimerHandle? = null
    private var failure: Throwable? = null
    private var lostWrites = 0

    private val incoming = Ciphertext(buffers)

    /** Data that the user's protocol has not taken yet. */
    private val plaintext = Backlog(SMALL_CHUNK)
    private val outgoing = Backlog(SMALL_CHUNK)

    private var isAdvancing = false
    private var isSending = false
    private var isFlushScheduled = false

    /** Whether another thread is computing for the engine. */
    private var isBusy = false
    private var isEof = false
    private var isPaused = false
    private var isTransportPaused = false
    private var isTransportReading = true

    val isClosing: Boolean get() = state >= State.FLUSHING || transport?.isClosing == true

    fun getExtraInfo(name: String): Any? =
        when (name) {
            "sslcontext" -> context
            "ssl_object" -> engine?.engine
            "peercert" -> peerCertificate()
            "cipher" -> engine?.engine?.session?.cipherSuite
            else -> transport?.getExtraInfo(name)
        }

    private fun peerCertificate() =
        try {
            engine?.engine?.session?.peerCertificates?.first()
        } catch (_: SSLPeerUnverifiedException) {
            null
        }

    // Called by the transport below.

    /** Adds bytes that were received before TLS began. */
    fun feed(received: ByteBuffer): Unit = incoming.add(received)

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        if (state != State.UNWRAPPED) return transport.abort()
        isTransportPaused = transport.writeBufferSize > transport.writeBufferLimits.high
        state = State.DO_HANDSHAKE
        timer = loop.callLater(options.handshakeTimeout) { handshakeTimedOut() }
        guarded { if (options.serverSide) startServer() else startClient(transport) }
    }

    override fun getBuffer(sizeHint: Int): ByteBuffer = incoming.toFill()

    override fun bufferUpdated(count: Int): Unit = advance()

    /** Returns true: this side closes the transport. */
    override fun eofReceived(): Boolean {
        isEof = true
        advance()
        return true
    }

    override fun pauseWriting() {
        isTransportPaused = true
    }

    override fun resumeWriting() {
        isTransportPaused = false
        advance()
    }

    override fun connectionLost(exception: Throwable?) {
        state = State.CLOSED
        timer?.cancel()
        outgoing.clear()
        plaintext.clear()
        incoming.clear()
        val reason = failure ?: exception
        if (told != Told.NOTHING) {
            told = Told.LOST
            loop.callInOrder { appProtocol.connectionLost(reason) }
        }
        waiter?.wake(reason ?: ConnectionAbortedException("the connection was closed before the end of its TLS handshake"))
    }

    // The handshake.

    private fun startClient(transport: Transport) {
        val engine = context.newClientEngine(options.serverHostname, cachePort(transport))
        this.engine = TlsEngine(engine)
        inExecutor { engine.beginHandshake() } // this generates keys
    }

    /**
     * The port by which the context finds sessions of earlier connections to the server. In a simulation it is another one each time: an
     * earlier run must not shorten a handshake of this one, nor one host that of another.
     */
    private fun cachePort(transport: Transport): Int {
        if (loop.simulatedBy != null) return simulatedPorts.incrementAndGet()
        return (transport.getExtraInfo("peername") as? InetSocketAddress)?.port ?: -1
    }

    private fun startServer() {
        if (context.sniCallback == null) acceptWith(context)
        advance()
    }

    private fun acceptWith(context: SslContext) {
        this.context = context
        val peer = transport!!.getExtraInfo("peername") as? InetSocketAddress
        engine = TlsEngine(context.newServerEngine(peer).also { it.beginHandshake() })
    }

    /** Finds the context that the client asks for. Returns false if more of its message is needed. */
    private fun identify(): Boolean {
        val hello = ClientHello.peek(incoming.bytes()) ?: return failIfEof()
        acceptWith(choose(hello))
        return true
    }

    /** There is no engine yet that could tell the client of a failure. */
    private fun choose(hello: ClientHello): SslContext {
        var alert = PlainAlert.UNRECOGNIZED_NAME
        try {
            val name = hello.hostName()
            alert = PlainAlert.HANDSHAKE_FAILURE
            return context.sniCallback!!.contextFor(name)?.also { it.requireFor(serverSide = true) } ?: context
        } catch (e: Throwable) {
            if (!e.isFatal) transport!!.write(alert.record())
            throw e
        }
    }

    private fun failIfEof(): Boolean {
        if (isEof) throw ConnectionResetException("the peer has closed the connection during the TLS handshake")
        return false
    }

    private fun handshakeDone() {
        timer?.cancel()
        timer = null
        state = State.WRAPPED
        if (told == Told.NOTHING) {
            told = Told.MADE
            call("connectionMade") { appProtocol.connectionMade(appTransport) }
        }
        if (state != State.CLOSED) waiter?.wake()
    }

    private fun handshakeTimedOut() {
        if (state != State.DO_HANDSHAKE) return
        fail(
            ConnectionAbortedException(
                "SSL handshake is taking longer than ${options.handshakeTimeout}: aborting the connection to ${getExtraInfo("peername")}",
            ),
            "SSL handshake timed out",
        )
    }

    private fun runTasks(engine: TlsEngine) {
        inExecutor {
            while (true) engine.engine.delegatedTask?.run() ?: break
        }
    }

    private fun inExecutor(work: () -> Unit) {
        val done = loop.runInExecutor(block = work)
        isBusy = true
        // The result is handled with the current variables, not with a copy: asyncio computes in place.
        done.addDoneCallback(loop.current.context) {
            isBusy = false
            val exception = if (it.cancelled()) null else it.exception()
            if (exception != null) failed(exception) else advance()
        }
    }

    // The work to do.

    /** Does everything that can be done now. */
    private fun advance() {
        if (isAdvancing || isSending || state == State.UNWRAPPED || state == State.CLOSED) return
        isAdvancing = true
        try {
            guarded { stepOn() }
        } finally {
            isAdvancing = false
        }
        incoming.returnBuffer()
        controlReading()
    }

    private inline fun guarded(block: () -> Unit) {
        try {
            block()
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            failed(e)
        }
    }

    private fun stepOn() {
        do {
            val goesOn = state != State.CLOSED && !isBusy && step()
        } while (goesOn)
    }

    /** Does one thing. Returns false if there is nothing to do. */
    private fun step(): Boolean {
        val engine = engine ?: return identify()
        if (state == State.DO_HANDSHAKE && engine.isHandshakeDone) {
            handshakeDone()
            return true
        }
        when (engine.status) {
            HandshakeStatus.NEED_TASK -> {
                refuseRenegotiation()
                runTasks(engine)
                return false
            }
            HandshakeStatus.NEED_WRAP -> {
                if (isStuck) return false
                if (send(engine)) return true
            }
            else -> {}
        }
        if (canSend && !outgoing.isEmpty() && flush(engine)) return true
        return receive(engine) || turn(engine)
    }

    /** A handshake is expensive for a server and cheap for a client, and one is enough: OpenSSL refuses renegotiation by default, too. */
    private fun refuseRenegotiation() {
        if (options.serverSide && state != State.DO_HANDSHAKE) throw SSLHandshakeException("The client wants to negotiate again: refused")
    }

    /** Enters the next state, if it is time to. */
    private fun turn(engine: TlsEngine): Boolean =
        when (state) {
            State.DO_HANDSHAKE -> failIfEof()
            State.WRAPPED -> (engine.isInboundDone || isEof) && !isPaused && endOfStream(engine)
            State.FLUSHING -> {
                state = State.SHUTDOWN
                true
            }
            State.SHUTDOWN -> sayGoodbye(engine)
            else -> false
        }

    // Sending.

    val writeBufferSize: Int get() = outgoing.size

    private val canSend get() = state in State.WRAPPED..State.SHUTDOWN && !isBusy && !isTransportPaused

    /** Whether so much is unsent that even the engine's own messages must wait. */
    private val isStuck get() = isTransportPaused && transport!!.writeBufferSize > MOST_UNSENT

    /** Few records are better than many: data written in one turn is sent together, when the turn ends or a record is full. */
    fun write(data: ByteBuffer) {
        if (!data.hasRemaining()) return
        if (isClosing || state != State.WRAPPED) return drop(data)
        if (canSend && outgoing.size + data.remaining() >= FULL_RECORD) guarded { send(engine!!, data) }
        if (state == State.CLOSED) return drop(data)
        if (data.hasRemaining()) {
            outgoing.add(data)
            scheduleFlush()
        }
        flow.grown(outgoing.size)
        flow.shrunk(outgoing.size)
    }

    private fun drop(data: ByteBuffer): Unit = appTransport.drop(data, lostWrites++, "written: it is closed")

    private fun scheduleFlush() {
        if (isFlushScheduled || isTransportPaused) return
        isFlushScheduled = true
        loop.callSoon {
            isFlushScheduled = false
            advance()
        }
    }

    private fun flush(engine: TlsEngine): Boolean = send(engine).also { flow.shrunk(outgoing.size) }

    /** Sends the engine's messages, the waiting data, then [data]. Returns whether it made progress. */
    private fun send(
        engine: TlsEngine,
        data: ByteBuffer = NOTHING,
    ): Boolean {
        var hasSent = false
        isSending = true
        try {
            buffers.use { buffer ->
                do {
                    val isFull = engine.encipher(outgoing, data, buffer.clear())
                    if (buffer.position() == 0) break
                    hasSent = true
                    transport!!.write(buffer.flip())
                } while (isFull && !isTransportPaused)
            }
        } finally {
            isSending = false
        }
        return hasSent
    }

    // Receiving.

    val isReading: Boolean get() = !isClosing && !isPaused

    fun pauseReading() {
        isPaused = true
        if (!isAdvancing) controlReading()
    }

    fun resumeReading() {
        if (!isPaused) return
        isPaused = false
        loop.callInOrder {
            advance()
            controlReading()
        }
    }

    /**
     * Pauses the peer while received data cannot be processed. Reading resumes with a copy of the context variables of that moment, which
     * must contain those that the protocol has set: so it does not resume before all is computed.
     */
    private fun controlReading() {
        if (state == State.UNWRAPPED || state == State.CLOSED || isEof) return
        val reads = if (isPaused && state == State.WRAPPED) false else incoming.isEmpty() || !(isBusy || isStuck)
        if (reads == isTransportReading || (reads && isBusy)) return
        isTransportReading = reads
        if (reads) transport!!.resumeReading() else transport!!.pauseReading()
    }

    /** Processes received data as far as possible. Returns whether it made progress. */
    private fun receive(engine: TlsEngine): Boolean {
        if (isOpen && isPaused) return false
        if (isOpen && !plaintext.isEmpty()) return deliverKept()
        if (engine.isInboundDone) incoming.clear() // Data after the closing message is ignored.
        if (incoming.isEmpty()) return false
        val protocol = appProtocol
        return if (isOpen && protocol is BufferedProtocol) decipherInto(engine, protocol) else decipherBy(engine)
    }

    /** Whether received data goes to the user. */
    private val isOpen get() = state == State.WRAPPED || state == State.FLUSHING

    /** Deciphers directly into the user's buffer, if a record is certain to fit. */
    private fun decipherInto(
        engine: TlsEngine,
        protocol: BufferedProtocol,
    ): Boolean {
        var hasMoved = false
        var isSmall = false
        receiveInto(protocol, buffers) { buffer ->
            isSmall = buffer.remaining() < engine.engine.session.applicationBufferSize
            if (isSmall) return@receiveInto 0
            val start = buffer.position()
            hasMoved = engine.decipher(incoming.bytes(), buffer)
            buffer.position() - start
        }
        return if (isSmall) decipherBy(engine) else hasMoved
    }

    private fun decipherBy(engine: TlsEngine): Boolean =
        buffers.use { buffer ->
            val hasMoved = engine.decipher(incoming.bytes(), buffer)
            buffer.flip()
            if (isOpen) deliver(buffer)
            if (isOpen && buffer.hasRemaining()) plaintext.add(buffer)
            hasMoved
        }

    private fun deliverKept(): Boolean {
        val bytes = plaintext.first()
        val count = bytes.remaining()
        deliver(bytes)
        if (state != State.CLOSED) plaintext.drop(count - bytes.remaining())
        return true
    }

    /** Passes to the user's protocol as many of [bytes] as it takes. */
    private fun deliver(bytes: ByteBuffer) {
        while (bytes.hasRemaining() && isOpen && !isPaused) {
            if (!give(appProtocol, bytes, buffers)) return
        }
    }

    private fun endOfStream(engine: TlsEngine): Boolean {
        if (!engine.isInboundDone && !context.ignoreUnexpectedEof) {
            throw SslEofException("the peer has closed the connection without ending TLS: what it sent may have been cut off")
        }
        tellEof()
        close()
        return true
    }

    private fun tellEof() {
        if (told != Told.MADE) return
        told = Told.EOF
        val staysOpen = call("eofReceived") { appProtocol.eofReceived() }
        if (staysOpen == true) logger.warn("returning true from eofReceived() has no effect when using ssl: {}", appTransport)
    }

    // The end.

    fun close() {
        when (state) {
            State.UNWRAPPED -> state = State.CLOSED
            State.DO_HANDSHAKE -> abort()
            State.WRAPPED -> {
                state = State.FLUSHING
                timer = loop.callLater(options.shutdownTimeout) { shutdownTimedOut() }
                advance()
            }
            else -> {}
        }
    }

    fun abort() {
        state = State.CLOSED
        transport?.abort()
    }

    private fun shutdownTimedOut() {
        state = State.CLOSED
        failure = failure ?: TimeoutException("SSL shutdown timed out: it took longer than ${options.shutdownTimeout}")
        transport?.abort()
    }

    /** Sends the closing message when all data is sent, and closes when the peer's has arrived too. */
    private fun sayGoodbye(engine: TlsEngine): Boolean {
        if (!outgoing.isEmpty()) return false
        if (!engine.engine.isOutboundDone) {
            engine.engine.closeOutbound()
            if (!isStuck && send(engine)) return true
        }
        if (!engine.isInboundDone && !isEof) return false
        tellEof()
        if (state != State.SHUTDOWN) return false
        state = State.CLOSED
        transport!!.close()
        return false
    }

    private fun failed(exception: Throwable): Unit =
        fail(
            if (exception is SSLException) exception.explained() else exception,
            if (state == State.DO_HANDSHAKE) "SSL handshake failed" else "Fatal error on SSL protocol",
        )

    override fun fail(
        exception: Throwable,
        message: String,
    ) {
        if (state == State.CLOSED) return
        failure = exception
        if (exception is SSLException) sendAlert()
        state = State.CLOSED
        loop.reportFailure(exception, message, appTransport, appProtocol)
        transport?.abort()
    }

    /** Tells the peer of the failure, as far as that is possible now. */
    private fun sendAlert() {
        val engine = engine ?: return
        if (isBusy || engine.status != HandshakeStatus.NEED_WRAP) return
        try {
            send(engine)
        } catch (e: Exception) {
            logger.debug("{} could not tell the peer of its failure", appTransport, e)
        }
    }

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        const val DEFAULT_HIGH = 512 * 1024
        const val FULL_RECORD = 16 * 1024
        const val SMALL_CHUNK = 4 * 1024

        /** A peer that does not read gets no more answers. */
        const val MOST_UNSENT = 1024 * 1024

        val simulatedPorts = AtomicInteger()
    }
}
