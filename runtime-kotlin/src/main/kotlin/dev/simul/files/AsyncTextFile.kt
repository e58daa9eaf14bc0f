// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.AsyncCloseable
import dev.simul.aclosing
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.sync.Lock
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.Charset
import java.nio.charset.CharsetEncoder
import java.nio.charset.CodingErrorAction.REPORT
import java.nio.charset.MalformedInputException
import java.nio.file.Path

/**
 * An open file of text, made by [openTextFile], and read or written from one end to the other.
 *
 * As with an [AsyncFile], which is below, any number of tasks may use it, one at a time; a task that is cancelled while it reads loses nothing;
 * and a write that has begun is completed. All operations throw an [IllegalStateException] if the file is closed, or was not opened for them,
 * an [java.io.IOException] if the system fails, and a [java.nio.charset.CharacterCodingException] if the bytes are not valid in the charset, or the
 * text cannot be encoded in it.
 *
 * Source: what `aiofiles.open` returns, and Python's `io.TextIOWrapper`; to go to a place in the file, or to both read and write it, open it
 * by [openFile]. There is no `flush`: nothing that was written is held back.
 */
public class AsyncTextFile internal constructor(
    private val file: AsyncFile,
    charset: Charset,
    private val newlines: Newlines,
) : AsyncCloseable {
    private val lock = Lock()
    private val decoder = charset.newDecoder().onMalformedInput(REPORT).onUnmappableCharacter(REPORT)
    private val encoder: CharsetEncoder by lazy { charset.newEncoder().onMalformedInput(REPORT).onUnmappableCharacter(REPORT) }

    /** Decoded text that was not asked for yet, from [start] on. */
    private val text = StringBuilder()
    private var start = 0

    /** The first bytes of a character whose others are not read yet. */
    private var rest = NOTHING
    private var hasEnded = false

    /** The path it was opened by. */
    public val path: Path get() = file.path

    /** Whether [aclose] was called. Source: `closed`. */
    public val isClosed: Boolean get() = file.isClosed

    /**
     * Reads [n] characters, or fewer if the file ends; all up to the end if [n] is negative. They are `Char`s: of a pair of surrogates, one may
     * be left.
     *
     * Source: `read(size=-1)`.
     *
     * @return an empty text at the end of the file.
     */
    public suspend fun read(n: Int = -1): String =
        lock.use {
            while ((n < 0 || text.length - start < n) && readMore()) continue
            take(if (n < 0) text.length else minOf(text.length, start + n))
        }

    /**
     * Reads a line with its end, which is `"\n"` unless the file was opened with another `newline`; the last line may have none.
     *
     * Source: `readline()`.
     *
     * @return an empty text at the end of the file.
     */
    public suspend fun readline(): String =
        lock.use {
            var searched = start
            var end = newlines.endOfLine(text, searched, hasEnded)
            while (end < 0) {
                searched = maxOf(start, text.length - 1) - start // What ends the text may be half of an end.
                if (!readMore()) break
                end = newlines.endOfLine(text, start + searched, hasEnded)
            }
            take(if (end < 0) newlines.endOfLine(text, start, isAll = true).takeIf { it >= 0 } ?: text.length else end)
        }

    /**
     * The lines from here on, without their ends; a generator, for a `for` loop or as a `Flow`. It leaves the file open.
     *
     * Source: `async for line in file`, where lines have their ends.
     */
    public fun lines(): AsyncGenerator<String, Nothing> =
        asyncGenerator {
            while (true) yield(nextLine() ?: break)
        }

    /** The next line without its end; null if there is none. */
    internal suspend fun nextLine(): String? = readline().ifEmpty { null }?.let(newlines::withoutEnd)

    private fun take(end: Int): String {
        val taken = text.substring(start, end)
        start = end
        if (start == text.length) {
            text.setLength(0)
            start = 0
        }
        return taken
    }

    /** Returns false at the end of the file. */
    private suspend fun readMore(): Boolean {
        val bytes = file.read(ReadAhead.AHEAD)
        if (start > 0) {
            text.delete(0, start)
            start = 0
        }
        hasEnded = bytes.isEmpty()
        decode(bytes)
        return !hasEnded
    }

    private fun decode(bytes: ByteArray) {
        val source = ByteBuffer.allocate(rest.remaining() + bytes.size).put(rest).put(bytes).flip()
        val chars = CharBuffer.allocate((source.remaining() * decoder.maxCharsPerByte().toDouble()).toInt() + SPARE)
        val result = decoder.decode(source, chars, hasEnded)
        rest = if (result.isError) NOTHING else source
        if (hasEnded && !result.isError) decoder.flush(chars)
        if (hasEnded || result.isError) decoder.reset() // The file may grow.
        if (result.isError) result.throwException()
        text.append(newlines.translateRead(chars.flip()))
    }

    /**
     * Writes all of [text].
     *
     * A charset with a byte order mark, such as UTF-16, writes it before the first text.
     *
     * Source: `write(s)`.
     */
    public suspend fun write(text: String): Unit = lock.use { file.write(encode(newlines.translateWritten(text))) }

    private fun encode(text: String): ByteBuffer {
        val source = CharBuffer.wrap(text)
        val bytes = ByteBuffer.allocate((text.length * encoder.maxBytesPerChar().toDouble()).toInt() + SPARE)
        val result = encoder.encode(source, bytes, false)
        if (result.isError || source.hasRemaining()) encoder.reset()
        if (result.isError) result.throwException()
        if (source.hasRemaining()) throw MalformedInputException(source.remaining()) // The text ends within a pair of surrogates.
        return bytes.flip()
    }

    /** Waits until the device has what was written: as [AsyncFile.fsync]. */
    public suspend fun fsync(metadata: Boolean = true): Unit = file.fsync(metadata)

    /**
     * Closes the file, once the operation under way has ended; it is closed even if the task is cancelled.
     *
     * Source: `close()`.
     */
    override suspend fun aclose(): Unit = file.aclose()

    /**
     * Runs [block] with this file, and closes it, however the block ends; as [AsyncFile.use].
     *
     * Source: `async with aiofiles.open(path) as file`.
     */
    public suspend inline fun <R> use(block: (AsyncTextFile) -> R): R = aclosing(this, block)

    override fun toString(): String = file.toString().replaceFirst("<AsyncFile", "<AsyncTextFile")

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)

        /** Room for byte order marks and the like. */
        const val SPARE = 8
    }
}
