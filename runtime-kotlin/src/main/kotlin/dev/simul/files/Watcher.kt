// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.loop.DaemonThreads
import dev.simul.transports.Releasable
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.nio.file.ClosedWatchServiceException
import java.nio.file.FileVisitResult
import java.nio.file.FileVisitResult.CONTINUE
import java.nio.file.FileVisitResult.SKIP_SUBTREE
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.StandardWatchEventKinds.ENTRY_CREATE
import java.nio.file.StandardWatchEventKinds.ENTRY_DELETE
import java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY
import java.nio.file.StandardWatchEventKinds.OVERFLOW
import java.nio.file.WatchEvent
import java.nio.file.WatchKey
import java.nio.file.attribute.BasicFileAttributes
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** A [java.nio.file.WatchService] for one directory, or a tree of them. One thread at a time may use it; any may [release] it. */
internal class Watcher(
    private val directory: Path,
    private val recursive: Boolean,
) : Releasable {
    private val service = directory.fileSystem.newWatchService()
    private val watched = HashMap<WatchKey, Path>()

    /** The thread that waits for changes. */
    val thread =
        ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, LinkedBlockingQueue(), DaemonThreads("simul-watch-"))

    init {
        service.orElseClosed {
            if (!Files.isDirectory(directory)) {
                throw if (Files.exists(directory)) NotDirectoryException("$directory") else NoSuchFileException("$directory")
            }
            register(directory)
            if (recursive) registerBelow(directory) {}
        }
    }

    private fun register(directory: Path) {
        watched[directory.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY)] = directory
    }

    /** Registers what is below [top], and passes it to [found]. Whatever vanishes meanwhile is left out. */
    private fun registerBelow(
        top: Path,
        found: (Path) -> Unit,
    ) = Files.walkFileTree(
        top,
        object : SimpleFileVisitor<Path>() {
            override fun preVisitDirectory(
                directory: Path,
                attributes: BasicFileAttributes,
            ): FileVisitResult {
                if (directory == top) return CONTINUE
                found(directory)
                return if (registerIfThere(directory)) CONTINUE else SKIP_SUBTREE
            }

            override fun visitFile(
                file: Path,
                attributes: BasicFileAttributes,
            ): FileVisitResult = CONTINUE.also { found(file) }

            override fun visitFileFailed(
                file: Path,
                exception: IOException,
            ): FileVisitResult = if (exception is NoSuchFileException) CONTINUE else throw exception
        },
    )

    private fun registerIfThere(directory: Path): Boolean =
        try {
            register(directory)
            true
        } catch (e: IOException) {
            if (Files.exists(directory, NOFOLLOW_LINKS)) throw e
            false
        }

    /** Waits for changes; null if there will be none, since the directory or this is gone. */
    fun take(): List<PathChange>? {
        val changes = ArrayList<PathChange>()
        try {
            while (changes.isEmpty()) {
                if (watched.isEmpty()) return null
                addFrom(service.take(), changes)
            }
        } catch (_: ClosedWatchServiceException) {
            return null
        }
        return changes
    }

    private fun addFrom(
        key: WatchKey,
        changes: MutableList<PathChange>,
    ) {
        val parent = watched[key] ?: return
        for (event in key.pollEvents()) add(event, parent, changes)
        if (key.reset()) return
        if (parent == directory) watched.clear() else watched.remove(key)
    }

    private fun add(
        event: WatchEvent<*>,
        parent: Path,
        changes: MutableList<PathChange>,
    ) {
        if (event.kind() == OVERFLOW) {
            changes += PathChange(PathChange.Kind.OVERFLOW, parent)
            if (recursive) registerBelow(parent) {}
            return
        }
        val path = parent.resolve(event.context() as Path)
        changes += PathChange(KINDS.getValue(event.kind()), path)
        val isNewDirectory = recursive && event.kind() == ENTRY_CREATE && Files.isDirectory(path, NOFOLLOW_LINKS)
        if (isNewDirectory && registerIfThere(path)) registerBelow(path) { changes += PathChange(PathChange.Kind.CREATED, it) }
    }

    override fun release() {
        service.close()
        thread.shutdown()
    }

    override fun toString(): String = "<watch of $directory>"

    private companion object {
        val KINDS =
            mapOf<WatchEvent.Kind<*>, PathChange.Kind>(
                ENTRY_CREATE to PathChange.Kind.CREATED,
                ENTRY_MODIFY to PathChange.Kind.MODIFIED,
                ENTRY_DELETE to PathChange.Kind.DELETED,
            )
    }
}
