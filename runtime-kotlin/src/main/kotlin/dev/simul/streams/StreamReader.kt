package dev.simul.streams

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.io.Scratch
import dev.simul.io.Transport
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
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
 */
public class StreamReader(
    private val limit: Int = DEFAULT_LIMIT,
    private val loop: EventLoop = getRunningLoop(),
) {
    private val received = ByteQueue()
    private var ended = false
    private var exception: Throwable? = null
    private var waiter: Future<Unit>? = null
    private var transport: Transport? = null
    private var isPaused = false

    /** With more bytes than these, which nobody has read, the transport is paused. */
    private var mostUnread = 2L * limit

    /** The buffer of the task that waits, if it wants to have the bytes there. */
    private var target: ByteBuffer? = null

    /** How many bytes the task that waits wants to have at most, in an array; and the array that it finds when it wakes up. */
    private var wanted = 0
    private var given: ByteArray? = null

    init {
        require(limit > 0) { "limit is $limit: it must be positive" }
    }

    /** Whether the peer has ended the stream and all was read. Source: `StreamReader.at_eof()`. */
    public fun atEof(): Boolean = ended && received.isEmpty() && given == null

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
        if (n > 0 && received.isEmpty() && !ended) awaitArray(n)?.let { return it }
        return received.take(minOf(n, received.size)).also { resumeIfRoom() }
    }

    /** Waits, and returns what was given meanwhile, if anything was. */
    private suspend fun awaitArray(n: Int): ByteArray? {
        wanted = n
        try {
            awaitData("read")
            return given.also { given = null }
        } finally {
            wanted = 0
            takeBack()
        }
    }

    /** Somebody else reads before the task has woken up, or it was cancelled. */
    private fun takeBack() {
        val bytes = given ?: return
        given = null
        received.addFirst(ByteBuffer.wrap(bytes))
    }

    /** Gives the task that waits what it wants: so that is copied once, not twice. */
    private fun give(data: ByteBuffer) {
        if (wanted == 0 || !received.isEmpty()) return
        given = ByteArray(minOf(wanted, data.remaining())).also { data.get(it) }
        wanted = 0
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
            received.addFirst(ByteBuffer.wrap(all.toByteArray()))
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
        if (received.isEmpty() && !ended) {
            val count = awaitDataIn(buffer)
            if (count > 0) return count
        }
        if (received.isEmpty()) return -1
        return received.takeInto(buffer).also { resumeIfRoom() }
    }

    private suspend fun awaitDataIn(buffer: ByteBuffer): Int {
        val start = buffer.position()
        target = buffer
        try {
            awaitData("read")
        } catch (e: Throwable) {
            giveBack(buffer, start)
            throw e
        } finally {
            target = null
        }
        return buffer.position() - start
    }

    /** The task was cancelled after the bytes had come. */
    private fun giveBack(
        buffer: ByteBuffer,
        start: Int,
    ) {
        if (buffer.position() == start) return
        received.addFirst(buffer.duplicate().limit(buffer.position()).position(start))
        buffer.position(start)
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
        while (received.size < n) {
            if (ended) throw IncompleteReadException(received.take(received.size), n)
            awaitData("readexactly")
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
            received.drop(if (received.indexOf(LINE_FEED, 0) == e.consumed) e.consumed + 1 else received.size)
            resumeIfRoom()
            throw e
        }

    /** As the other [readuntil], for one separator: a line feed if nothing else is said. */
    public suspend fun readuntil(separator: ByteArray = LINE_FEED): ByteArray = readuntil(listOf(separator))

    /**
     * All bytes up to one of the [separators], and that separator. If several fit, the one that ends first.
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
        val longest = separators.maxOf { it.size }
        var searched = 0
        while (true) {
            val found = find(separators, searched)
            if (found != null) return takeUntil(found)
            searched = maxOf(0, received.size + 1 - longest)
            if (searched > limit) {
                throw LimitOverrunException(
                    "Separator is not found, and chunk exceed the limit of $limit bytes",
                    searched,
                )
            }
            if (ended) throw IncompleteReadException(received.take(received.size), null)
            awaitData("readuntil")
        }
    }

    /** The separator that ends first, from its first byte to behind its last one. */
    private fun find(
        separators: Collection<ByteArray>,
        from: Int,
    ): IntRange? {
        var first: IntRange? = null
        for (separator in separators) {
            val start = received.indexOf(separator, from)
            if (start >= 0 && (first == null || start + separator.size - 1 < first.last)) first = start until start + separator.size
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

    private suspend fun awaitData(caller: String) {
        check(waiter == null) { "$caller() called while another task is already waiting for incoming data: one reads at a time" }
        check(!ended) { "$caller() waits at the end of the stream" }
        resumeIfPaused()
        val waiter = loop.createFuture<Unit>().also { waiter = it }
        try {
            waiter.await()
        } finally {
            this.waiter = null
        }
    }

    private fun resumeIfRoom() {
        if (received.size <= limit) resumeIfPaused()
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
    internal fun takeReceived(): ByteBuffer = ByteBuffer.wrap(received.take(received.size))

    /** Where the next bytes are to be received. */
    internal fun bufferToFill(): ByteBuffer = target ?: Scratch.incoming[loop].borrow()

    /** [buffer], which [bufferToFill] gave, has been filled up to its position. */
    internal fun filled(buffer: ByteBuffer) {
        if (buffer === target) {
            target = null
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
        if (transport != null && !isPaused && received.size > mostUnread) {
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
        val waiter = waiter
        if (waiter != null && !waiter.done()) waiter.setException(exception)
    }

    private fun wake() {
        val waiter = waiter
        if (waiter != null && !waiter.done()) waiter.setResult(Unit)
    }

    override fun toString(): String =
        buildString {
            append("<StreamReader")
            val size = received.size + (given?.size ?: 0)
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

        private val LINE_FEED = byteArrayOf('\n'.code.toByte())
    }
}
