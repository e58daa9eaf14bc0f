// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.channels.FileChannel
import java.nio.charset.Charset
import java.nio.file.AccessDeniedException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption.READ
import kotlin.text.Charsets.UTF_8

/**
 * Reads a whole file, in a thread of the loop's default executor. If the task is cancelled, the thread stops within 256 KiB.
 *
 * Source: `pathlib.Path.read_bytes()`.
 *
 * @throws NoSuchFileException if there is no such file.
 * @throws AccessDeniedException if the system does not allow it.
 * @throws FileSystemException for other failures of the file system, and if it is a directory.
 * @throws java.io.IOException if reading fails, and if the file does not fit into an array.
 */
public suspend fun readBytes(path: Path): ByteArray = inFileThread("readBytes", path) { readAll(path, it) }

/**
 * Reads a whole file, as [readBytes], and decodes it. Line ends stay as they are.
 *
 * Source: `pathlib.Path.read_text(encoding)`, whose encoding depends on the system unless it is given, and which makes all line ends `"\n"`.
 *
 * @throws java.nio.charset.CharacterCodingException if the bytes are not valid in [charset].
 */
public suspend fun readText(
    path: Path,
    charset: Charset = UTF_8,
): String = inFileThread("readText", path) { charset.newDecoder().decode(ByteBuffer.wrap(readAll(path, it))).toString() }

private fun readAll(
    path: Path,
    call: FileCall<*>,
): ByteArray =
    FileChannel.open(path, READ).use { channel ->
        if (Files.isDirectory(path)) throw isDirectory(path)
        channel.readUpTo(Int.MAX_VALUE, 0) { call.isAbandoned }
    }

/**
 * Writes a whole file, at once: whoever reads it finds what was there before, or all of [data], also if this fails, if the task is
 * cancelled, or if the machine fails.
 *
 * A thread writes the data to a temporary file in the same folder, forces it to the device, and renames it. A file that is replaced passes its
 * permissions on, and its owner and group if the system allows that; what else belongs to it (access lists, other names of a hard link)
 * does not. Symbolic links are followed. If this fails or is cancelled, the temporary file is deleted; a program that is killed may leave
 * it, as `.simul-….tmp`.
 *
 * If the task is cancelled, it waits until the thread has cleaned up, which stops within 256 KiB; if it is cancelled once more, it does not
 * wait. If the file was being renamed, it is replaced.
 *
 * Source: `pathlib.Path.write_bytes(data)`, which writes the file in place.
 *
 * @param data do not change it meanwhile.
 * @throws NoSuchFileException if there is no folder for it.
 * @throws AccessDeniedException if the system allows no files in the folder, or if the file is there and may not be written.
 * @throws FileSystemException for other failures of the file system; if something other than a file is there, such as a directory or a device.
 * @throws java.io.IOException if writing fails, since the disk is full for example.
 */
public suspend fun writeBytes(
    path: Path,
    data: ByteArray,
): Unit = writeWhole("writeBytes", path) { ByteBuffer.wrap(data) }

/**
 * Writes a whole file at once, as [writeBytes], with [text] in the given [charset]. Line ends stay as they are.
 *
 * Source: `pathlib.Path.write_text(data, encoding)`, which writes the file in place.
 *
 * @throws java.nio.charset.CharacterCodingException if [text] cannot be encoded; the file is unchanged.
 */
public suspend fun writeText(
    path: Path,
    text: String,
    charset: Charset = UTF_8,
): Unit = writeWhole("writeText", path) { charset.newEncoder().encode(CharBuffer.wrap(text)) }

private suspend fun writeWhole(
    operation: String,
    path: Path,
    data: () -> ByteBuffer,
): Unit = inFileThreadToTheEnd(operation, path) { AtomicWrite(path, it).write(data()) }

/**
 * The lines of a file of text, without their ends, which are `"\n"`, `"\r\n"` or `"\r"`.
 *
 * ```
 * lines(path).collect { line -> println(line) }
 * ```
 *
 * A generator, for a `for` loop or as a `Flow`. The file is opened when the first line is requested, and closed with the generator: at its
 * end, by a failure or a cancellation, and at the end of `collect`; to leave a `for` loop early, use [dev.simul.aclosing].
 *
 * It fails as [openFile] and [AsyncTextFile.readline] do.
 *
 * Source: `async with aiofiles.open(path) as file: async for line in file`, where lines have their ends.
 */
public fun lines(
    path: Path,
    charset: Charset = UTF_8,
): AsyncGenerator<String, Nothing> =
    asyncGenerator {
        openTextFile(path, charset = charset).use { file ->
            while (true) yield(file.nextLine() ?: break)
        }
    }
