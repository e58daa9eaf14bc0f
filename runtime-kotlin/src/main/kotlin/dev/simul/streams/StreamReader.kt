// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.Suspension
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
 * One task reads at a time. Whoever is cancelled while reading loses nothing: what has come is there for the next read. While
 * more than twice [limit] bytes wait to be read, nothing is received, and the peer has to wait.
 *
 * ```
 * for (line in reader) println(line.decodeToString())
 * ```
 *
 * Source: `asyncio.StreamReader(limit=65536, loop=None)`.
 *
 * @property limit how far [readline] and [readuntil] look for a separator, in bytes.
 * @param loop the loop whose tasks read; without it, the thread's current one, see [getEventLoop].
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

    /** With more bytes than these, which nobody has read, the transport is paused. */
    private var mostUnread = 2L * limit

    /** How many bytes the task that waits wants to have at most, in an array; and the array that it finds when it wakes up. */
    private var wanted = 0
    private var given: ByteArray? = null

    /** The buffer of the task that waits, if it wants to have the bytes there, and its position when it began to wait. */
    private var target: ByteBuffer? = null
    private var targetStart = 0

    /** How many bytes wait to be read, those included that a task will find when it wakes up. */
    private val size: Int get() = received.size + (given?.size ?: target?.let { it.position() - targetStart } ?: 0)

    init {
        require(limit > 0) { "limit is $limit: it must be positive" }
    }

    /** Whether the peer has ended the stream and all was read. Source: `StreamReader.at_eof()`. */
    public fun atEof(): Boolean = ended && size == 0

    /** What broke the stream; every read throws it, even if there is something to read. Source: `StreamReader.exception()`. */
    public fun exception(): Throwable? = exception

    // Reading.

    /**
     * Up to [n] bytes: those that are there, or else, after a wait, those that come first. If [n] is negative, all up to the end.
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

    /** Up to [n] bytes of those that are there. */
    private fun takeUpTo(n: Int): ByteArray {
        val count = minOf(n, size)
        val bytes = given
        if (bytes?.size == count) return bytes.also { given = null }
        takeBack()
        return received.take(count)
    }

    /** Gives the task that waits what it wants, so that it is copied once, not twice. What is left stays in [data]. */
    private fun give(data: ByteBuffer) {
        if (wanted == 0 || waiter?.done() != false) return
        given = ByteArray(minOf(wanted, data.remaining())).also { data.get(it) }
    }

    /** Has all that a task was given before the rest again: it has not woken up yet and another one reads, or it was cancelled. */
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
            if (all.size() > 0) wake() // another task may wait already
            throw e
        }
    }

    /**
     * Reads into [buffer] those bytes that are there, or else, after a wait, those that come first. They are received right into it,
     * so leave it alone meanwhile.
     *
     * asyncio has no such method; it is Python's `readinto` and [java.nio.channels.ReadableByteChannel.read].
     *
     * @return how many bytes; -1 at the end of the stream.
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
     * Exactly [n] bytes.
     *
     * Source: `StreamReader.readexactly(n)`.
     *
     * @throws IncompleteReadException if the stream ends before; it has the bytes that had come.
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
     * A line with its line feed; the last one may have none.
     *
     * Source: `StreamReader.readline()`.
     *
     * @return an empty array at the end of the stream.
     * @throws LimitOverrunException if the line is longer than the limit. It is dropped, as far as it has come.
     */
    public suspend fun readline(): ByteArray =
        try {
            readuntil(LINE_FEED)
        } catch (e: IncompleteReadException) {
            e.partial
        } catch (e: LimitOverrunException) {
            received.drop(minOf(e.consumed + 1, received.size)) // the line feed stands there, or there is none
            resumeIfRoom()
            throw e
        }

    /** As the other [readuntil], for one separator: a line feed if nothing else is said. */
    public suspend fun readuntil(separator: ByteArray = LINE_FEED): ByteArray = readuntil(listOf(separator))

    /**
     * All bytes up to one of the [separators], and that separator. If several fit, the one that ends first, and of those the shortest;
     * their order does not matter.
     *
     * Source: `StreamReader.readuntil(separator=b'\n')`.
     *
     * @throws IncompleteReadException if the stream ends before there is a separator; it has the bytes that had come.
     * @throws LimitOverrunException if there is none within the limit. The bytes stay.
     * @throws IllegalArgumentException if there is no separator, or an empty one.
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

    /** The separator that ends first, from its first byte to behind its last one; the shortest of those that end there. */
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

        /** Reads the next line; whether there is one. */
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
     * Waits until something is there, which this task may be given at once: [wanted] bytes in an array, or any number in [target].
     * A task that wants that waits only while nothing has been received; anything that is added wakes it.
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
        override fun onWake(failure: Throwable?) {
            if (reader.waiter === this) reader.waiter = null
            if (failure != null) throw failure
        }

        override fun describeWait(): String = "StreamReader.$caller of $reader"
    }

    /** Waits until something is fed, for one who looks at all that is there. */
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

    // What the protocol feeds.

    /** Has [transport] paused while too much waits to be read. Source: `StreamReader.set_transport(transport)`. */
    public fun setTransport(transport: Transport) {
        check(this.transport == null) { "Transport already set: ${this.transport}" }
        this.transport = transport
    }

    /** Receives up to [bytes] more than the limit allows, of a writer that has ended: so the end is seen even if nobody reads. */
    internal fun makeRoom(bytes: Int) {
        mostUnread = received.size.toLong() + bytes
        resumeIfPaused()
    }

    /** Has [newTransport], which goes through the old one, take its place. */
    internal fun replaceTransport(newTransport: Transport) {
        transport = newTransport
        isPaused = false
    }

    /** All bytes that nobody has read: they were not meant for who reads. */
    internal fun takeReceived(): ByteBuffer {
        takeBack()
        return ByteBuffer.wrap(received.take(received.size))
    }

    /** Where the next bytes are to be received. */
    internal fun bufferToFill(): ByteBuffer = target?.takeIf { waiter != null } ?: BufferPool[loop].borrow()

    /** [buffer], which [bufferToFill] gave, has been filled up to its position. */
    internal fun filled(buffer: ByteBuffer) {
        if (buffer === target) {
            wake()
        } else {
            feedData(buffer.flip())
        }
    }

    /** Adds [data], which is copied. Source: `StreamReader.feed_data(data)`. @throws IllegalStateException after [feedEof]. */
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

    /** Breaks the stream: whoever reads gets [exception]. Source: `StreamReader.set_exception(exc)`. */
    public fun setException(exception: Throwable) {
        this.exception = exception
        takeWaiter()?.fail(exception)
    }

    private fun wake() {
        takeWaiter()?.complete(Unit)
    }

    /** What the task waits for that is to wake up now, unless it was cancelled. Another one may wait before it has its turn. */
    private fun takeWaiter(): Reading? {
        val waiter = waiter
        this.waiter = null
        return waiter?.takeUnless { it.done() }
    }

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
        /** The limit of readers that are made without one: 64 KiB. */
        public const val DEFAULT_LIMIT: Int = 64 * 1024

        private val NOTHING = ByteArray(0)
        private val LINE_FEED = byteArrayOf('\n'.code.toByte())
    }
}
