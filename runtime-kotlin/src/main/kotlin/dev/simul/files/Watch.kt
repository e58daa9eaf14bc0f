// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.acloseAfter
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.getRunningLoop
import dev.simul.transports.OpenTransports
import java.nio.file.NotDirectoryException
import java.nio.file.Path

/**
 * Watches a directory: from the return of this on, the changes of its entries are told.
 *
 * ```
 * watch(folder).collect { change -> println("${change.path}: ${change.kind}") }
 * ```
 *
 * A generator, for a `for` loop or as a `Flow`. It ends when the directory itself is deleted, fails with a [java.io.IOException] if the system
 * fails, and holds a descriptor and a thread until it is closed: by a failure or a cancellation, also of a single `anext`, by the end of
 * `collect`, with its loop, or by [dev.simul.aclosing], which is the way to leave a `for` loop early.
 *
 * What is told is what the JDK's [java.nio.file.WatchService] sees. Several changes of one path may become one, a change may be told more than
 * once, and of many changes in one turn some may be lost, which is told as an overflow. Linux and Windows tell at once; on macOS, the JDK
 * looks every few seconds.
 *
 * On virtual time, changes come by the machine's clock: before time jumps, the clock waits for them, up to its threshold.
 *
 * Source: `watchfiles.awatch(path, recursive=True)`; asyncio and aiofiles have nothing for it.
 *
 * @param recursive whether all directories below are watched too, those that are made later included; what was in these by then is told
 *   as created, perhaps twice. Symbolic links are not followed.
 * @throws NotDirectoryException if [directory] is not one.
 * @throws java.io.IOException if the system does not let it be watched; on Linux also if the user has too many watches.
 * @throws UnsupportedOperationException if its file system has no changes to watch.
 */
public suspend fun watch(
    directory: Path,
    recursive: Boolean = false,
): AsyncGenerator<PathChange, Nothing> {
    val changes = changesOf(directory, recursive)
    try {
        changes.anext()
    } catch (e: Throwable) {
        changes.acloseAfter(e)
        throw e
    }
    return changes
}

/** The first one, which nobody is told of, says that the directory is watched: from then on, closing the generator ends that. */
private fun changesOf(
    directory: Path,
    recursive: Boolean,
): AsyncGenerator<PathChange, Nothing> =
    asyncGenerator {
        val loop = getRunningLoop()
        val watcher = inFileThread("watch", directory, Watcher::release) { Watcher(directory, recursive) }
        OpenTransports[loop].add(watcher)
        try {
            yield(PathChange(PathChange.Kind.OVERFLOW, directory))
            while (true) {
                val changes = FileCall(loop, "a change", watcher, watcher.thread) { watcher.take() }.await()
                if (changes == null) break
                for (change in changes) yield(change)
            }
        } finally {
            OpenTransports[loop].remove(watcher)
            inFileThread("the end of watch", directory, mustRun = true) { watcher.release() }
        }
    }
