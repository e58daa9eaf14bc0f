// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.AsyncContextManager
import dev.simul.generators.asyncContextManager
import dev.simul.loop.getRunningLoop
import java.io.IOException
import java.nio.file.FileVisitResult
import java.nio.file.FileVisitResult.CONTINUE
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes

/**
 * A new file of bytes for one block, to read and write, which is closed and deleted when the block ends, however that is. Only this user may
 * open it; others do so by its [AsyncFile.path].
 *
 * ```
 * temporaryFile().use { file -> file.write(data) }
 * ```
 *
 * A task that is cancelled while it enters or leaves the block leaves no file; it waits, unless it is cancelled once more, until it is deleted.
 *
 * Source: `aiofiles.tempfile.NamedTemporaryFile(suffix=None, prefix=None, dir=None)`.
 *
 * @param directory where it is; null stands for the system's directory for such files.
 */
public fun temporaryFile(
    directory: Path? = null,
    prefix: String = "tmp",
    suffix: String = "",
): AsyncContextManager<AsyncFile> =
    asyncContextManager {
        val loop = getRunningLoop()
        val file =
            inFileThreadToTheEnd("temporaryFile", directory ?: SYSTEM, AsyncFile::delete) {
                val path = if (directory == null) Files.createTempFile(prefix, suffix) else Files.createTempFile(directory, prefix, suffix)
                try {
                    open(path, OpenMode.ofBytes("r+"), loop)
                } catch (e: Throwable) {
                    Files.delete(path)
                    throw e
                }
            }
        file.begin()
        try {
            file.use { yield(it) }
        } finally {
            inFileThreadToTheEnd("the end of temporaryFile", file.path, mustRun = true) { Files.deleteIfExists(file.path) }
        }
    }

private fun AsyncFile.delete() {
    release()
    Files.deleteIfExists(path)
}

/**
 * A new directory for one block, which is deleted when the block ends, however that is, with all that is in it then. Only this user may open
 * it. Symbolic links are deleted, and what they lead to stays.
 *
 * ```
 * temporaryDirectory().use { directory -> writeText(directory.resolve("a"), "text") }
 * ```
 *
 * A task that is cancelled while it enters or leaves the block leaves no directory; it waits, unless it is cancelled once more, until it is
 * deleted.
 *
 * Source: `aiofiles.tempfile.TemporaryDirectory(suffix=None, prefix=None, dir=None)`.
 *
 * @param parent where it is; null stands for the system's directory for such files.
 */
public fun temporaryDirectory(
    parent: Path? = null,
    prefix: String = "tmp",
): AsyncContextManager<Path> =
    asyncContextManager {
        val directory =
            inFileThreadToTheEnd("temporaryDirectory", parent ?: SYSTEM, { it: Path -> Files.deleteIfExists(it) }) {
                if (parent == null) Files.createTempDirectory(prefix) else Files.createTempDirectory(parent, prefix)
            }
        try {
            yield(directory)
        } finally {
            inFileThreadToTheEnd("the end of temporaryDirectory", directory, mustRun = true) { deleteTree(directory) }
        }
    }

private const val SYSTEM = "the system's temporary directory"

private fun deleteTree(directory: Path) {
    try {
        Files.walkFileTree(directory, DeletingVisitor)
    } catch (_: NoSuchFileException) {
        // Somebody else has deleted it.
    }
}

private object DeletingVisitor : SimpleFileVisitor<Path>() {
    override fun visitFile(
        file: Path,
        attributes: BasicFileAttributes,
    ): FileVisitResult = delete(file)

    override fun postVisitDirectory(
        directory: Path,
        exception: IOException?,
    ): FileVisitResult = if (exception == null) delete(directory) else throw exception

    private fun delete(path: Path): FileVisitResult {
        Files.deleteIfExists(path)
        return CONTINUE
    }
}
