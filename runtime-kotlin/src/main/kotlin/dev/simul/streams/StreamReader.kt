// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.Suspension
import dev.simul.TaskStep
import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import dev.simul.transports.BufferPool
import dev.simul.transports.Transport
import kotlinx.coroutines.CancellationException
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * The receiving side of a stream of bytes.
 *
 * One task reads at a time. A task that is cancelled while reading loses nothing: the bytes stay for the next read. While more than twice
 * [limit] bytes are unread, nothing is received, and the peer has to wait.
 *
 * ```
 * for (line in reader) println(line.decodeToString())
 * ```
 *
 * Source: `asyncio.StreamReader(limit=65536, loop=None)`.
 *
 * @property limit how far [readline] and [readuntil] look for a separator, in bytes.
 * @param loop the loop whose tasks read; by default the thread's current one, see [getEventLoop].
 */
public class StreamReader(
    private val limit: Int = DEFAULT_LIMIT,
    private val loop: EventLoop = getEventLoop(),
) {
    private val received = ByteQueue()
    private var ended = false
    private var exception: Throwable? = null
    private var waiter: Reading? = null
    private var transport: Transport? = null
    private var isPaused = false

    /** With more unread bytes than this, the transport is paused. */
    private var mostUnread = 2L * limit

    /** The maximum number of bytes that the waiting task wants in an array; and the array that it finds when it wakes up. */
    private var wanted = 0
    private var given: ByteArray? = null

    /** The buffer that the waiting task wants the bytes in, if any, and its position when the wait began. */
    private var target: ByteBuffer? = null
    private var targetStart = 0

    /** How many bytes are unread, including those that a task will find when it wakes up. */
    private val size: Int get() = received.size + (given?.size ?: target?.let { it.position() - targetStart } ?: 0)

    init {
        require(limit > 0) { "limit is $limit: it must be positive" }
    }

    /** Whether the peer has ended the stream and all bytes were read. Source: `StreamReader.at_eof()`. */
    public fun atEof(): Boolean = ended && size == 0

    /** The exception that broke the stream; every read throws it, even if there are bytes to read. Source: `StreamReader.exception()`. */
    public fun exception(): Throwable? = exception

    // Reading.

    /**
     * Reads up to [n] bytes: those already received or, after a wait, the next to arrive. If [n] is negative, reads all up to the end.
     *
     * Source: `StreamReader.read(n=-1)`.
     *
     * @return an empty array at the end of the stream, and if [n] is 0.
     */
    public suspend fun read(n: Int = -1): ByteArray {
        begin()
        if (n < 0) return readAll()
        if (n == 0) return NOTHING
        if (received.isEmpty() && !ended) awaitData("read", wanted = n)
        return takeUpTo(n).also { resumeIfRoom() }
    }

    /** Up to [n] of the received bytes. */
    private fun takeUpTo(n: Int): ByteArray {
        val count = minOf(n, size)
        val bytes = given
        if (bytes?.size == count) return bytes.also { given = null }
        takeBack()
        return received.take(count)
    }

    /** Gives the waiting task the bytes it wants, so that they are copied once, not twice. The rest stays in [data]. */
    private fun give(data: ByteBuffer) {
        if (wanted == 0 || waiter?.done() != false) return
        given = ByteArray(minOf(wanted, data.remaining())).also { data.get(it) }
    }

    /** Puts back the bytes given to a task, before the rest: it has not woken up yet and another task reads, or it was cancelled. */
    private fun takeBack() {
        given?.let { received.addFirst(ByteBuffer.wrap(it)) }
        given = null
        val target = target?.takeIf { it.position() > targetStart } ?: return
        received.addFirst(target.duplicate().limit(target.position()).position(targetStart))
        target.position(targetStart)
    }

    private suspend fun readAll(): ByteArray {
        val all = ByteArrayOutputStream()
        try {
            while (true) {
                val part = read(limit)
                if (part.isEmpty()) return all.toByteArray()
                all.write(part)
            }
        } catch (e: CancellationException) {
            takeBack()
            received.addFirst(ByteBuffer.wrap(all.toByteArray()))
            if (all.size() > 0) wake() // another task may already wait
            throw e
        }
    }

    /**
     * Reads bytes into [buffer]: those already received or, after a wait, the next to arrive. They are received directly into the buffer,
     * so do not touch it meanwhile.
     *
     * asyncio has no such method; it corresponds to Python's `readinto` and to [java.nio.channels.ReadableByteChannel.read].
     *
     * @return the number of bytes; -1 at the end of the stream.
     */
    public suspend fun read(buffer: ByteBuffer): Int {
        begin()
        if (!buffer.hasRemaining()) return 0
        val start = buffer.position()
        if (received.isEmpty() && !ended) awaitDataIn(buffer)
        if (!received.isEmpty()) received.takeInto(buffer)
        resumeIfRoom()
        return (buffer.position() - start).takeIf { it > 0 } ?: -1
    }

    private suspend fun awaitDataIn(buffer: ByteBuffer) {
        try {
            awaitData("read", target = buffer)
        } catch (e: Throwable) {
            if (target === buffer) takeBack()
            throw e
        } finally {
            if (target === buffer) target = null
        }
    }

    /**
     * Reads exactly [n] bytes.
     *
     * Source: `StreamReader.readexactly(n)`.
     *
     * @throws IncompleteReadException if the stream ends earlier; it has the bytes that arrived.
     * @throws IllegalArgumentException if [n] is negative.
     */
    public suspend fun readexactly(n: Int): ByteArray {
        require(n >= 0) { "readexactly size can not be less than zero: it is $n" }
        begin()
        if (n == 0) return NOTHING
        while (received.size < n) {
            if (ended) throw IncompleteReadException(received.take(received.size), n)
            awaitMore("readexactly")
        }
        return received.take(n).also { resumeIfRoom() }
    }

    /**
     * Reads a line with its line feed; the last line may have none.
     *
     * Source: `StreamReader.readline()`.
     *
     * @return an empty array at the end of the stream.
     * @throws LimitOverrunException if the line is longer than the limit. The part of the line received so far is dropped.
     */
    public suspend fun readline(): ByteArray =
        try {
            readuntil(LINE_FEED)
        } catch (e: IncompleteReadException) {
            e.partial
        } catch (e: LimitOverrunException) {
            received.drop(minOf(e.consumed + 1, received.size)) // up to the line feed, if there is one
            resumeIfRoom()
            throw e
        }

    /** As the other [readuntil], for one separator: by default a line feed. */
    public suspend fun readuntil(separator: ByteArray = LINE_FEED): ByteArray = readuntil(listOf(separator))

    /**
     * Reads all bytes up to and including one of the [separators]. If several match, the one that ends first wins, and of those the
     * shortest; their order does not matter.
     *
     * Source: `StreamReader.readuntil(separator=b'\n')`.
     *
     * @throws IncompleteReadException if the stream ends before a separator; it has the bytes that arrived.
     * @throws LimitOverrunException if there is no separator within the limit. The bytes stay.
     * @throws IllegalArgumentException if [separators] is empty, or contains an empty one.
     */
    public suspend fun readuntil(separators: Collection<ByteArray>): ByteArray {
        require(separators.isNotEmpty()) { "separators is empty: name at least one" }
        require(separators.none { it.isEmpty() }) { "Separator should be at least one-byte string: one of them is empty" }
        begin()
        val shortest = separators.minOf { it.size }
        val longest = separators.maxOf { it.size }
        var searched = 0
        while (true) {
            if (received.size - searched >= shortest) {
                find(separators, searched)?.let { return takeUntil(it) }
                searched = maxOf(0, received.size + 1 - longest)
                if (searched > limit) {
                    throw LimitOverrunException("Separator is not found, and chunk exceed the limit of $limit bytes", searched)
                }
            }
            if (ended) throw IncompleteReadException(received.take(received.size), null)
            awaitMore("readuntil")
        }
    }

    /** The separator that ends first, from its first byte to the byte after its last; the shortest of those that end there. */
    private fun find(
        separators: Collection<ByteArray>,
        from: Int,
    ): IntRange? {
        var first: IntRange? = null
        for (separator in separators) {
            val start = received.indexOf(separator, from)
            if (start < 0) continue
            val last = start + separator.size - 1
            if (first == null || last < first.last || (last == first.last && start > first.first)) first = start..last
        }
        return first
    }

    private fun takeUntil(found: IntRange): ByteArray {
        if (found.first > limit) {
            throw LimitOverrunException("Separator is found, but chunk is longer than limit of $limit bytes", found.first)
        }
        return received.take(found.last + 1).also { resumeIfRoom() }
    }

    /** The lines of the stream, for a `for` loop. Source: `async for line in reader`. */
    public operator fun iterator(): Lines = Lines()

    /** Reads line by line, with their line feeds, up to the end of the stream. */
    public inner class Lines internal constructor() {
        private var line = LINE_FEED

        /** Reads the next line; returns whether there is one. */
        public suspend operator fun hasNext(): Boolean {
            line = readline()
            return line.isNotEmpty()
        }

        /** The line that [hasNext] has read. */
        public operator fun next(): ByteArray = line
    }

    private fun begin() {
        exception?.let { throw it }
        takeBack()
    }

    /**
     * Waits for bytes that this task may be given at once: [wanted] bytes in an array, or any number in [target]. Such a task waits only
     * while there are no unread bytes; any added bytes wake it.
     */
    private suspend fun awaitData(
        caller: String,
        wanted: Int = 0,
        target: ByteBuffer? = null,
    ) {
        check(waiter == null) { "$caller() called while another task is already waiting for incoming data: one reads at a time" }
        check(!ended) { "$caller() waits at the end of the stream" }
        resumeIfPaused()
        this.wanted = wanted
        this.target = target
        targetStart = target?.position() ?: 0
        Reading(this, caller).also { waiter = it }.wait()
    }

    /** A task that waits in [reader]. */
    private class Reading(
        private val reader: StreamReader,
        private val caller: String,
    ) : Suspension<Unit>(reader.loop) {
        override fun onWake(
            step: TaskStep<*>?,
            failure: Throwable?,
        ) {
            if (reader.waiter === this) reader.waiter = null
            if (failure != null) throw failure
        }

        override fun describeWait(): String = "StreamReader.$caller of ${reader.describePeer()}"

        override val waitKind: String get() = "StreamReader.$caller"
    }

    /** Waits until bytes are fed, for a task that looks at all received bytes. */
    private suspend fun awaitMore(caller: String) {
        awaitData(caller)
        takeBack()
    }

    private fun resumeIfRoom() {
        if (size <= limit) resumeIfPaused()
    }

    private fun resumeIfPaused() {
        if (!isPaused) return
        isPaused = false
        transport!!.resumeReading()
    }

    // Called by the protocol.

    /** Makes the reader pause [transport] while too many bytes are unread. Source: `StreamReader.set_transport(transport)`. */
    public fun setTransport(transport: Transport) {
        check(this.transport == null) { "Transport already set: ${this.transport}" }
        this.transport = transport
    }

    /** Receives up to [bytes] more than the limit allows, from a writer that has ended: so the end is seen even if no task reads. */
    internal fun makeRoom(bytes: Int) {
        mostUnread = received.size.toLong() + bytes
        resumeIfPaused()
    }

    /** Replaces the transport by [newTransport], which goes through it. */
    internal fun replaceTransport(newTransport: Transport) {
        transport = newTransport
        isPaused = false
    }

    /** Removes all unread bytes: they were not meant for the reader. */
    internal fun takeReceived(): ByteBuffer {
        takeBack()
        return ByteBuffer.wrap(received.take(received.size))
    }

    /** The buffer to receive the next bytes in. */
    internal fun bufferToFill(): ByteBuffer = target?.takeIf { waiter != null } ?: BufferPool[loop].borrow()

    /** [buffer], which [bufferToFill] returned, has been filled up to its position. */
    internal fun filled(buffer: ByteBuffer) {
        if (buffer === target) {
            wake()
        } else {
            feedData(buffer.flip())
        }
    }

    /** Adds a copy of [data]. Source: `StreamReader.feed_data(data)`. @throws IllegalStateException after [feedEof]. */
    public fun feedData(data: ByteBuffer) {
        check(!ended) { "feedData after feedEof" }
        if (!data.hasRemaining()) return
        give(data)
        received.add(data)
        wake()
        val transport = transport
        if (transport != null && !isPaused && size > mostUnread) {
            transport.pauseReading()
            isPaused = true
        }
    }

    /** As the other [feedData]. */
    public fun feedData(data: ByteArray): Unit = feedData(ByteBuffer.wrap(data))

    /** Ends the stream. Source: `StreamReader.feed_eof()`. */
    public fun feedEof() {
        ended = true
        wake()
    }

    /** Breaks the stream: every read throws [exception]. Source: `StreamReader.set_exception(exc)`. */
    public fun setException(exception: Throwable) {
        this.exception = exception
        takeWaiter()?.fail(exception)
    }

    private fun wake() {
        takeWaiter()?.complete(Unit)
    }

    /** The wait to end now, unless it was cancelled. Another task may begin to wait before that one has its turn. */
    private fun takeWaiter(): Reading? {
        val waiter = waiter
        this.waiter = null
        return waiter?.takeUnless { it.done() }
    }

    /** Whose bytes it reads; the reader itself if that is not a socket's peer. */
    private fun describePeer(): String = transport?.getExtraInfo("peername")?.toString() ?: toString()

    override fun toString(): String =
        buildString {
            append("<StreamReader")
            val size = size
            if (size > 0) append(' ').append(size).append(" bytes")
            if (ended) append(" eof")
            if (limit != DEFAULT_LIMIT) append(" limit=").append(limit)
            waiter?.let { append(" waiter=").append(it) }
            exception?.let { append(" exception=").append(it) }
            transport?.let { append(" transport=").append(it) }
            if (isPaused) append(" paused")
            append('>')
        }

    public companion object {
        /** The default limit of readers: 64 KiB. */
        public const val DEFAULT_LIMIT: Int = 64 * 1024

        private val NOTHING = ByteArray(0)
        private val LINE_FEED = byteArrayOf('\n'.code.toByte())
    }
}
