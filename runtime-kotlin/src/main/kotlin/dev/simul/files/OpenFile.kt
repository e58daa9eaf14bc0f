// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.transports.orElseClosed
import java.nio.channels.FileChannel
import java.nio.charset.Charset
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.OpenOption
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE_NEW
import kotlin.text.Charsets.UTF_8

/**
 * Opens a file of bytes.
 *
 * ```
 * openFile(path).use { file ->
 *     val header = file.read(16)
 *     for (line in file) println(line.decodeToString())
 * }
 * ```
 *
 * The file belongs to the running loop, which closes it when it closes itself. It must be one with a position: a regular file, or a device
 * such as `/dev/zero`; for pipes see [dev.simul.net.connectReadPipe].
 *
 * A task that is cancelled meanwhile leaves nothing open: if a thread is opening the file by then, it closes it.
 *
 * On virtual time ([dev.simul.testing.runTest]) this and all that files do takes real time, as [dev.simul.toThread] does: the clock waits
 * for it, up to its threshold of a second, before time jumps.
 *
 * Source: `open(file, mode)`, `aiofiles.open(file, mode)`; there, without a `b` in the mode, it is text: see [openTextFile].
 *
 * @param mode Python's: `"r"` reads; `"w"` writes, and creates or empties the file; `"x"` writes a file that must not exist yet; `"a"` writes
 *   at the end of the file, and creates it if need be. With a `+`, `"r+"`, `"w+"` and `"x+"` both read and write; there is no `"a+"`,
 *   since the JDK does not both read and append. A `b` is allowed, and changes nothing.
 * @throws NoSuchFileException if there is no such file, or no folder for it.
 * @throws FileAlreadyExistsException if it must not exist.
 * @throws AccessDeniedException if the system does not allow it.
 * @throws FileSystemException for other failures of the file system, and if it is a directory.
 * @throws IllegalArgumentException if [mode] is none of these.
 */
public suspend fun openFile(
    path: Path,
    mode: String = "r",
): AsyncFile = openFile(path, OpenMode.ofBytes(mode))

/**
 * As the other [openFile], by options of NIO, for what Python's modes cannot say: `SYNC`, `DELETE_ON_CLOSE`, `NOFOLLOW_LINKS`.
 *
 * Without `READ`, `WRITE` or `APPEND` it is read. `WRITE` alone neither creates nor empties a file.
 *
 * Source: [java.nio.channels.FileChannel.open].
 *
 * @throws IllegalArgumentException if they contradict each other.
 * @throws UnsupportedOperationException if the file system does not know one of them.
 */
public suspend fun openFile(
    path: Path,
    options: Set<OpenOption>,
): AsyncFile = openFile(path, OpenMode("options $options", options))

/**
 * Opens a file of text; for the rest, see [openFile].
 *
 * ```
 * openTextFile(path).use { file ->
 *     file.lines().collect { line -> println(line) }
 * }
 * ```
 *
 * Source: `open(file, mode, encoding=…, newline=…)`, `aiofiles.open(file, mode, encoding=…, newline=…)`; there the default encoding depends
 * on the system, here it is UTF-8.
 *
 * @param mode `"r"` to read, or `"w"`, `"x"` or `"a"` to write, as in [openFile]; a `t` is allowed. Text is either read or written.
 * @param newline how lines end, as in Python. If null, reading takes `"\n"`, `"\r\n"` and `"\r"` for ends and makes each of them `"\n"`, and
 *   writing makes each `"\n"` the system's. If empty, reading knows the same ends and leaves them as they are, and writing changes nothing.
 *   If it is one of the three, reading takes only this for an end, and writing puts it in the place of each `"\n"`.
 * @throws IllegalArgumentException if [mode] or [newline] is none of these.
 */
public suspend fun openTextFile(
    path: Path,
    mode: String = "r",
    charset: Charset = UTF_8,
    newline: String? = null,
): AsyncTextFile {
    val openMode = OpenMode.ofText(mode)
    val newlines = Newlines(newline)
    return AsyncTextFile(openFile(path, openMode), charset, newlines)
}

private suspend fun openFile(
    path: Path,
    mode: OpenMode,
): AsyncFile {
    val loop = getRunningLoop()
    val opening =
        FileCall(loop, "openFile", path, discard = { file: AsyncFile -> file.release() }) { open(path, mode, loop) }
    return opening.await().also { it.begin() }
}

internal fun open(
    path: Path,
    mode: OpenMode,
    loop: EventLoop,
): AsyncFile {
    // Linux opens a directory for reading, and refuses only to read it.
    if (CREATE_NEW !in mode.options && Files.isDirectory(path)) throw isDirectory(path)
    return FileChannel.open(path, mode.options).orElseClosed { AsyncFile(path, it, mode, loop) }
}

internal fun isDirectory(path: Path) = FileSystemException(path.toString(), null, "Is a directory")
