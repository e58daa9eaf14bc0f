// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.AsyncCloseable
import dev.simul.aclosing
import dev.simul.generators.AsyncIterator
import dev.simul.loop.EventLoop
import dev.simul.shield
import dev.simul.sync.Lock
import dev.simul.transports.OpenTransports
import dev.simul.transports.Releasable
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Path
import dev.simul.Future as SimulFuture

/**
 * An open file of bytes with a position, made by [openFile]; threads of the loop's default executor do its work.
 *
 * Any number of tasks may use it: their operations are done one at a time, in the order in which they were called. What was read ahead is
 * returned without a thread, and without giving up the turn.
 *
 * Cancelling a task ends its wait at once; no thread is interrupted, and the file stays open and usable. A read that was cancelled leaves the
 * position where it was. A write that was cancelled before a thread has begun it does nothing; otherwise it is completed, the position
 * follows it, and the next operation waits for it.
 *
 * All operations throw an [IllegalStateException] if the file is closed, or was not opened for them, and an [IOException] if the system
 * fails.
 *
 * Source: what `aiofiles.open` returns, and Python's `io.BufferedIOBase`. There is no `flush`: nothing that was written is held back.
 *
 * @property path the path it was opened by.
 */
public class AsyncFile internal constructor(
    public val path: Path,
    private val channel: FileChannel,
    private val mode: OpenMode,
    private val loop: EventLoop,
) : AsyncCloseable {
    private val lock = Lock()
    private val ahead = ReadAhead()
    private var position = if (mode.appends) channel.size() else 0

    /** The operation that has the lock. Another one begins only when no thread works for it. */
    private var call: FileCall<*>? = null
    private var closing: SimulFuture<Unit>? = null
    private val open =
        object : Releasable {
            override fun release() = this@AsyncFile.release()

            override fun toString() = this@AsyncFile.toString()
        }

    /** Whether [aclose] was called. Source: `closed`. */
    public val isClosed: Boolean get() = closing != null || !channel.isOpen

    internal fun begin() = OpenTransports[loop].add(open)

    /** Closes it in the calling thread, whatever it is doing. */
    internal fun release() = channel.close()

    // Reading.

    /**
     * Reads [n] bytes, or fewer if the file ends; all up to the end if [n] is negative.
     *
     * Source: `read(size=-1)`.
     *
     * @return an empty array at the end of the file.
     */
    public suspend fun read(n: Int = -1): ByteArray =
        inTurn(mode.isReadable, "read") {
            when {
                n < 0 || n - ahead.size >= ReadAhead.AHEAD -> readMany(if (n < 0) Int.MAX_VALUE else n)
                else -> {
                    while (ahead.size < n && readAhead() > 0) continue
                    take(minOf(n, ahead.size))
                }
            }
        }

    /**
     * Reads bytes into [buffer], as many as are at hand: at least one, unless the file is at its end or the buffer is full.
     *
     * The bytes are put into the buffer when the task resumes: one that is cancelled leaves the buffer as it was.
     *
     * Source: `readinto(b)`, as [java.nio.channels.ReadableByteChannel.read].
     *
     * @return the number of bytes; -1 at the end of the file.
     */
    public suspend fun readInto(buffer: ByteBuffer): Int =
        inTurn(mode.isReadable, "readInto") {
            when {
                !buffer.hasRemaining() -> 0
                ahead.size == 0 && readAhead() <= 0 -> -1
                else -> ahead.takeInto(buffer).also { position += it }
            }
        }

    /**
     * Reads a line with its line feed; the last line may have none.
     *
     * Source: `readline()`.
     *
     * @return an empty array at the end of the file.
     */
    public suspend fun readline(): ByteArray =
        inTurn(mode.isReadable, "readline") {
            take(lengthOfLine())
        }

    private suspend fun lengthOfLine(): Int {
        var searched = 0
        while (true) {
            val length = ahead.lineLength(searched)
            if (length > 0) return length
            searched = ahead.size
            if (readAhead() <= 0) return searched
        }
    }

    /** The lines from the position on, with their line feeds, for a `for` loop. Source: `async for line in file`. */
    public operator fun iterator(): AsyncIterator<ByteArray> =
        object : AsyncIterator<ByteArray> {
            private var line = NOTHING

            override suspend fun hasNext(): Boolean {
                line = readline()
                return line.isNotEmpty()
            }

            override fun next(): ByteArray = if (line.isEmpty()) throw NoSuchElementException("ask hasNext() before next()") else line
        }

    private fun take(count: Int): ByteArray = ahead.take(count).also { position += count }

    /** Reads behind what is there already. Returns how many bytes there were; -1 at the end. */
    private suspend fun readAhead(): Int {
        val room = ahead.room()
        val at = position + ahead.size
        val before = room.position()
        return inThread("read", after = { ahead.add(room.position() - before) }) { channel.read(room, at) }
    }

    /** Up to [limit] bytes, by one call: those that were read ahead, and the rest from the file. */
    private suspend fun readMany(limit: Int): ByteArray {
        val known = ahead.size
        val at = position + known
        val rest = inThread("read") { call -> channel.readUpTo(limit - minOf(known, limit), at) { call.isAbandoned } }
        val all = if (known == 0) rest else ahead.take(minOf(known, limit)) + rest
        ahead.clear()
        position += all.size
        return all
    }

    // Writing.

    /**
     * Writes all of [data] at the position, or at the end of a file that was opened to append.
     *
     * The bytes are not copied: do not change them before the file's next operation, even if the task is cancelled. If it fails, for example
     * since the disk is full, a part may be written, and the position follows that.
     *
     * Source: `write(b)`.
     */
    public suspend fun write(data: ByteArray): Unit = write(ByteBuffer.wrap(data))

    /** As the other [write], from the position of [data] to its limit; the position moves there when all is written. */
    public suspend fun write(data: ByteBuffer): Unit =
        inTurn(mode.isWritable, "write") {
            val source = data.duplicate()
            ahead.clear()
            written = position
            inThread("write", after = { position = written }) { writeFully(source) }
            data.position(data.limit())
        }

    /** As the other [write], for a text, which is encoded in UTF-8. */
    public suspend fun write(text: String): Unit = write(text.encodeToByteArray())

    /** Where the last write has ended; written by its thread. */
    private var written = 0L

    private fun writeFully(source: ByteBuffer) {
        val limit = source.limit()
        while (source.position() < limit) {
            source.limit(minOf(limit, source.position() + CHUNK))
            if (mode.appends) {
                channel.write(source)
                written = channel.position()
            } else {
                written += channel.write(source, written)
            }
        }
    }

    // The file itself.

    /**
     * Moves the position to [position], in bytes from the beginning; it may be behind the end.
     *
     * Source: `seek(offset)`; for the other origins, add [tell] or [size].
     *
     * @return the position.
     * @throws IllegalArgumentException if [position] is negative.
     */
    public suspend fun seek(position: Long): Long {
        require(position >= 0) { "position is $position: it must not be negative" }
        return inTurn(true, "seek") {
            ahead.clear()
            this.position = position
            position
        }
    }

    /** The position, in bytes from the beginning. While an operation is under way it is that before it. Source: `tell()`. */
    public fun tell(): Long {
        checkOpen()
        return position
    }

    /** Asks the system for the size of the file, in bytes. Source: `os.stat(path).st_size`. */
    public suspend fun size(): Long = inTurn(true, "size") { inThread("size") { channel.size() } }

    /**
     * Makes the file [size] bytes long: cuts off its end, or adds zeros. The position stays, perhaps behind the end.
     *
     * Source: `truncate(size=None)`.
     *
     * @param size null stands for the position.
     * @return the new size.
     * @throws IllegalArgumentException if [size] is negative.
     */
    public suspend fun truncate(size: Long? = null): Long {
        require(size == null || size >= 0) { "size is $size: it must not be negative" }
        return inTurn(mode.isWritable, "truncate") {
            val newSize = size ?: position
            ahead.clear()
            inThread("truncate") { resize(newSize) }
            newSize
        }
    }

    private fun resize(size: Long) {
        val missing = size - channel.size()
        when {
            missing <= 0 -> channel.truncate(size)
            // Whatever the position, this one writes at the end.
            mode.appends -> repeatZeros(missing)
            else -> channel.write(ByteBuffer.allocate(1), size - 1)
        }
    }

    private fun repeatZeros(count: Long) {
        var left = count
        while (left > 0) left -= channel.write(ByteBuffer.allocate(minOf(left, CHUNK.toLong()).toInt()))
    }

    /**
     * Waits until the device has what was written, so that a failure of the machine does not lose it.
     *
     * Source: `os.fsync(fd)`; without [metadata], `os.fdatasync(fd)`.
     *
     * @param metadata whether what is known of the file counts too, such as the time of its last change.
     */
    public suspend fun fsync(metadata: Boolean = true): Unit = inTurn(true, "fsync") { inThread("fsync") { channel.force(metadata) } }

    // Taking turns.

    private suspend inline fun <R> inTurn(
        isAllowed: Boolean,
        operation: String,
        action: () -> R,
    ): R {
        checkOpen()
        check(isAllowed) { "$operation is not possible: $path was opened with $mode" }
        lock.acquire()
        try {
            checkOpen()
            return action()
        } finally {
            val last = call
            if (last == null) lock.release() else last.whenOver(::endTurn)
        }
    }

    private fun endTurn() {
        call = null
        lock.release()
    }

    /** Runs [work] in a thread; [after] follows in the loop, even if the task was cancelled by then, or the work has failed. */
    private suspend fun <T> inThread(
        operation: String,
        after: () -> Unit = {},
        work: (FileCall<T>) -> T,
    ): T {
        checkOpen()
        val call = FileCall(loop, operation, this, block = work)
        this.call = call
        call.whenOver(after)
        return call.await()
    }

    private fun checkOpen() = check(!isClosed) { "I/O operation on closed file: $path" }

    /**
     * Closes the file, once the operation under way has ended; those that wait for their turn fail. Closing again waits for the same.
     *
     * The file is closed even if the task is cancelled.
     *
     * Source: `close()`.
     */
    override suspend fun aclose() {
        val closing = closing ?: if (channel.isOpen) beginClosing() else return
        shield(closing).await()
    }

    private fun beginClosing(): SimulFuture<Unit> {
        val closed = SimulFuture<Unit>(loop)
        closing = closed
        val close = FileCall(loop, "aclose", this, mustRun = true) { channel.close() }
        close.whenOver {
            OpenTransports[loop].remove(open)
            ahead.free()
            val failure = close.failure
            if (failure == null) closed.complete(Unit) else closed.fail(failure)
        }
        close.startAfter(call)
        return closed
    }

    /**
     * Runs [block] with this file, and closes it, however the block ends.
     *
     * If closing throws, that exception replaces the block's, which becomes one of its suppressed exceptions.
     *
     * Source: `async with aiofiles.open(path) as file`.
     */
    public suspend inline fun <R> use(block: (AsyncFile) -> R): R = aclosing(this, block)

    override fun toString(): String = "<AsyncFile $path, $mode${if (isClosed) ", closed" else ""}>"

    private companion object {
        val NOTHING = ByteArray(0)
    }
}
