// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Future
import dev.simul.loop.EventLoop
import dev.simul.transports.Transport
import kotlinx.coroutines.CancellationException
import java.nio.ByteBuffer

/**
 * The receiving half of a connection: heads and bodies, one after the other, for one task.
 *
 * Nothing is parsed before the task asks for it. What arrives earlier is kept as it came, and while that is much, nothing more is received, so
 * that the peer has to wait.
 */
internal class Incoming<H : MessageHead>(
    private val loop: EventLoop,
    private val parser: HeadParser<H>,
    private val limits: HttpLimits,
    /** Called each time the task has to wait for the peer. */
    private val onWait: () -> Unit = {},
) {
    private lateinit var transport: Transport

    /** What has arrived and is not parsed yet, from the position to the limit. */
    private var unread: ByteBuffer = NOTHING

    /** Whether so much is unread that nothing more is received. */
    var isPaused = false
        private set
    private var isEnded = false
    private var isLost = false
    private var failure: Throwable? = null
    private var waiter: Future<Unit>? = null

    /** Content of the current body that was decoded for a task that was cancelled before it could take it; the next read gets it. */
    private var leftover: ByteBuffer = NOTHING

    /** How many bytes are still to be thrown away; -1 while what arrives is kept. */
    private var toDiscard = -1L

    /** Whether the waiting task is content with anything that arrives, and parses that itself. */
    private var isAwaitingAny = false

    /** The decoder of the current body; null before its head. */
    private var decoder: BodyDecoder? = null

    /** What the waiting task wants: a head, or the content of a body in [target]. */
    private var head: H? = null
    private var target: ByteBuffer? = null
    private val sink = BodySink { content -> target!!.putSome(content) }

    fun begin(transport: Transport) {
        this.transport = transport
    }

    // Called by the task.

    /** Waits for the next head. Returns null if the peer has ended the connection before it. */
    suspend fun head(): H? {
        checkUnbroken()
        decoder = null
        leftover = NOTHING
        parse(unread)
        while (head == null) {
            if (failure == null && isEnded && !parser.isInHead) return null
            if (failure == null && isEnded) named { throw IncompleteMessageException("the connection ended in the middle of a head") }
            await()
        }
        resumeIfRoom()
        return head.also { head = null }
    }

    /** The body of the head that was read last ends as [framing] says; returns that. */
    inline fun beginBody(framing: () -> BodyFraming): BodyFraming =
        named { framing().also { if (it != BodyFraming.Tunnel) decoder = BodyDecoder.of(it, limits) } }

    /** What follows the head that was read last is no longer HTTP: its content is all that comes until the connection ends. */
    fun beginTunnel() {
        decoder = BodyDecoder.of(BodyFraming.UntilClose)
    }

    /** What is received is HTTP again. */
    fun endTunnel() {
        decoder = null
    }

    /** Whether the body is read to its end. */
    val isBodyDone: Boolean get() = (decoder?.isDone ?: true) && !leftover.hasRemaining()

    /** Whether the task waits for the peer. */
    val isWaiting: Boolean get() = waiter != null

    /** Whether the peer's messages are broken because of [exception]. */
    fun isBrokenBy(exception: Throwable): Boolean = failure === exception

    /** The decoder of the body that has begun. */
    val bodyDecoder: BodyDecoder get() = decoder ?: LengthDecoder(0)

    /** Whether the body of [decoder], which may not be the current one, is read to its end. */
    fun isDone(decoder: BodyDecoder): Boolean = decoder.isDone && leftover(decoder) == 0

    /** How many bytes of the body of [decoder] are to be read; -1 if that is not known. */
    fun bytesLeft(decoder: BodyDecoder): Long = decoder.bytesLeft.let { if (it < 0) it else it + leftover(decoder) }

    private fun leftover(decoder: BodyDecoder) = if (decoder === this.decoder) leftover.remaining() else 0

    /** Waits for content of the body, and puts it into [destination]. Returns how many bytes there are now; -1 at the end of the body. */
    suspend fun read(destination: ByteBuffer): Int {
        if (leftover.hasRemaining()) return takeLeftover(destination)
        checkUnbroken()
        val start = destination.position()
        target = destination
        try {
            decode(unread)
            while (destination.position() == start && !isBodyDone) {
                if (failure == null && isEnded) named { decoder!!.end() } else await()
            }
        } catch (e: CancellationException) {
            giveBack(destination.duplicate().flip().position(start))
            destination.position(start)
            throw e
        } finally {
            target = null
        }
        resumeIfRoom()
        return (destination.position() - start).takeIf { it > 0 } ?: -1
    }

    /** The next read gets [content], which was decoded last and not taken. */
    fun giveBack(content: ByteBuffer) {
        if (!content.hasRemaining()) return
        leftover = ByteBuffer.allocate(content.remaining() + leftover.remaining()).put(content).put(leftover).flip()
    }

    private fun takeLeftover(destination: ByteBuffer): Int {
        val start = destination.position()
        destination.putSome(leftover)
        return destination.position() - start
    }

    /** Throws away what the peer still sends, up to [most] bytes, until it has ended the connection. */
    suspend fun discard(most: Long) {
        toDiscard = maxOf(0, most - unread.remaining())
        unread = NOTHING
        while (!isEnded && !isLost && toDiscard > 0) awaitNews()
    }

    /** Puts what has arrived of the body into [destination]. Returns how many bytes that are, maybe none; -1 at the end of the body. */
    fun readAvailable(destination: ByteBuffer): Int {
        if (leftover.hasRemaining()) return takeLeftover(destination)
        checkUnbroken()
        val start = destination.position()
        target = destination
        try {
            decode(unread)
            if (destination.position() == start && !isBodyDone) endOrFail()
        } finally {
            target = null
        }
        resumeIfRoom()
        val count = destination.position() - start
        return if (count == 0 && isBodyDone) -1 else count
    }

    private fun endOrFail() {
        failure?.let { throw it }
        if (isEnded) named { decoder!!.end() }
    }

    /** Waits until anything arrives that is not read yet, or nothing can any more. */
    suspend fun awaitAvailable() {
        if (unread.hasRemaining() || leftover.hasRemaining() || isEnded || failure != null) return
        isAwaitingAny = true
        try {
            await()
        } finally {
            isAwaitingAny = false
        }
    }

    /** Reads what is left of the body, unless that is much; returns whether it is read to its end. */
    suspend fun skipBody(): Boolean {
        if (isBodyDone) return true
        val waste = ByteBuffer.allocate(WASTE)
        var skipped = 0
        while (skipped < MOST_SKIPPED && read(waste.clear()) >= 0) skipped += waste.position()
        return isBodyDone
    }

    /** Whether there is nothing that the peer has sent and nobody has read. */
    val isEmpty: Boolean get() = !unread.hasRemaining() && !parser.isInHead

    /** Whether a head has come that the task has still to take. */
    val hasHead: Boolean get() = head != null

    /** Takes away what has arrived after the current message, for the protocol that the connection is handed over to. */
    fun takeUnread(): ByteBuffer = unread.also { unread = NOTHING }

    /** Where a message was malformed, nothing that follows can be told apart. */
    fun checkUnbroken() {
        (failure as? HttpException)?.let { throw it }
    }

    private suspend fun await() {
        failure?.let { throw it }
        awaitNews()
    }

    private suspend fun awaitNews() {
        check(waiter == null) { "another task is already reading from $transport: one reads at a time" }
        resumeIfRoom()
        val waiter = Future<Unit>(loop).also { this.waiter = it }
        onWait()
        try {
            waiter.await()
        } finally {
            this.waiter = null
        }
    }

    private fun resumeIfRoom() {
        if (!unread.hasRemaining()) unread = NOTHING
        if (!isPaused || unread.remaining() > MOST_UNREAD / 2) return
        isPaused = false
        transport.resumeReading()
    }

    // Called by the protocol.

    /** Some [bytes] have arrived, which are valid until this returns. Code that is not a task may run in the middle of its last call. */
    fun received(bytes: ByteBuffer) {
        if (toDiscard >= 0) return discarded(bytes.remaining())
        val hasNews = waiter != null && !unread.hasRemaining() && (isAwaitingAny || advance(bytes))
        if (bytes.hasRemaining() && failure == null) keep(bytes)
        if (hasNews) wake()
    }

    private fun discarded(count: Int) {
        toDiscard = maxOf(0, toDiscard - count)
        if (toDiscard == 0L) wake()
    }

    /** Parses for the task that waits; returns whether that has brought something. */
    private fun advance(bytes: ByteBuffer): Boolean {
        val target = target
        val start = target?.position() ?: 0
        try {
            if (target == null) parse(bytes) else decode(bytes)
        } catch (_: HttpException) {
            return true // The task finds that as the failure.
        }
        return if (target == null) head != null else target.position() > start || isBodyDone
    }

    /** Keeps the [bytes] after those that are unread already; in a buffer with room, since they may come one by one. */
    private fun keep(bytes: ByteBuffer) {
        val size = unread.remaining() + bytes.remaining()
        if (unread.capacity() - unread.limit() < bytes.remaining()) {
            unread = ByteBuffer.allocate(if (unread.hasRemaining()) 2 * size else size).put(unread).flip()
        }
        val start = unread.position()
        unread.position(unread.limit()).limit(start + size)
        unread.put(bytes).position(start)
        if (isPaused || unread.remaining() < MOST_UNREAD) return
        isPaused = true
        transport.pauseReading()
    }

    /** The peer sends nothing more. */
    fun ended() {
        isEnded = true
        wake()
    }

    /** Nothing more can be received, because of [exception]. */
    fun fail(exception: Throwable) {
        if (failure == null) failure = exception
        if (exception is HttpException) exception.peer = transport.getExtraInfo("peername") else isLost = true
        wake()
    }

    private fun wake() {
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }

    private fun parse(bytes: ByteBuffer) {
        if (head == null) head = named { parser.parse(bytes) }
    }

    private fun decode(bytes: ByteBuffer) = named { decoder!!.decode(bytes, sink) }

    /** Runs [block]; what it throws gets to know the peer, and stays. */
    private inline fun <R> named(block: () -> R): R =
        try {
            block()
        } catch (e: HttpException) {
            e.peer = transport.getExtraInfo("peername")
            failure = e
            throw e
        }

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)

        /** In bytes: with more of them unread, nothing is received. */
        const val MOST_UNREAD = 64 * 1024

        /** In bytes: how much of a body is read that nobody wants, for the sake of the connection. */
        const val MOST_SKIPPED = 64 * 1024
        const val WASTE = 8 * 1024
    }
}

/** Copies as many bytes of [source] as fit. */
private fun ByteBuffer.putSome(source: ByteBuffer) {
    val limit = source.limit()
    if (source.remaining() > remaining()) source.limit(source.position() + remaining())
    put(source)
    source.limit(limit)
}
