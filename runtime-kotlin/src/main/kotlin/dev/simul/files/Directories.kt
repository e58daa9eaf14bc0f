// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.getRunningLoop
import java.io.Closeable
import java.io.UncheckedIOException
import java.nio.file.DirectoryIteratorException
import java.nio.file.FileVisitOption.FOLLOW_LINKS
import java.nio.file.Files
import java.nio.file.NotDirectoryException
import java.nio.file.Path

/**
 * The entries of a directory, in no particular order, without `.` and `..`; each is [directory] with the entry's name.
 *
 * ```
 * listDirectory(folder).collect { entry -> println(entry.fileName) }
 * ```
 *
 * A generator, for a `for` loop or as a `Flow`. The directory is opened when the first entry is requested, threads of the loop's default
 * executor read some hundred entries at a time, and it is closed with the generator: at its end, by a failure or a cancellation, and at the
 * end of `collect`; to leave a `for` loop early, use [dev.simul.aclosing].
 *
 * It fails with a [NotDirectoryException] or another [java.io.IOException].
 *
 * Source: `aiofiles.os.scandir(path)`, `listdir(path)`.
 */
public fun listDirectory(directory: Path): AsyncGenerator<Path, Nothing> =
    entries("listDirectory", directory) {
        val stream = Files.newDirectoryStream(directory)
        Entries(stream.iterator(), stream)
    }

/**
 * All that is below a directory, and first the directory itself: each directory comes before its entries.
 *
 * A generator, as [listDirectory]. It fails with a [java.nio.file.FileSystemLoopException] if [followLinks] leads in a circle, and with another
 * [java.io.IOException] if a directory cannot be read, or is deleted meanwhile.
 *
 * Source: `os.walk(top, followlinks=False)`, which gives lists of names, and leaves out the directories that it cannot read.
 *
 * @param followLinks whether what symbolic links to directories lead to is walked through too.
 */
public fun walk(
    directory: Path,
    followLinks: Boolean = false,
): AsyncGenerator<Path, Nothing> =
    entries("walk", directory) {
        val stream = if (followLinks) Files.walk(directory, FOLLOW_LINKS) else Files.walk(directory)
        Entries(stream.iterator()) { stream.close() }
    }

private class Entries(
    private val iterator: Iterator<Path>,
    private val resource: Closeable,
) : Closeable by resource {
    /** The next entries, not too many at once; none at the end. */
    fun next(): List<Path> =
        try {
            buildList { while (size < BATCH && iterator.hasNext()) add(iterator.next()) }
        } catch (e: DirectoryIteratorException) {
            throw e.cause!!
        } catch (e: UncheckedIOException) {
            throw e.cause!!
        }

    private companion object {
        const val BATCH = 256
    }
}

private fun entries(
    operation: String,
    directory: Path,
    open: () -> Entries,
): AsyncGenerator<Path, Nothing> =
    asyncGenerator {
        val loop = getRunningLoop()
        val entries = inFileThread(operation, directory, Entries::close) { open() }
        var reading: FileCall<List<Path>>? = null
        try {
            while (true) {
                reading = FileCall(loop, operation, directory) { entries.next() }
                val batch = reading.await()
                if (batch.isEmpty()) break
                for (entry in batch) yield(entry)
            }
        } finally {
            FileCall(loop, "the end of $operation", directory, mustRun = true) { entries.close() }.await(previous = reading)
        }
    }
