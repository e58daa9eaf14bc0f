// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.exceptions.CancelledException
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.PosixFileAttributeView
import kotlin.random.Random

/** Replaces the contents of a file in one step, in the thread of [call]. */
internal class AtomicWrite(
    path: Path,
    private val call: FileCall<*>,
) {
    /** The file itself, and not a link to it. */
    private val target: Path = if (Files.isSymbolicLink(path) && Files.exists(path)) path.toRealPath() else path
    private val folder: Path = target.toAbsolutePath().parent ?: throw isDirectory(target)

    fun write(data: ByteBuffer) {
        checkTarget()
        val (temporary, channel) = createBeside()
        try {
            channel.use {
                adoptPermissions(temporary)
                while (data.hasRemaining()) {
                    goOn()
                    it.write(data.slice(data.position(), minOf(CHUNK, data.remaining()))).let { count ->
                        data.position(data.position() + count)
                    }
                }
                it.force(true)
            }
            goOn()
            Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING)
        } catch (e: Throwable) {
            runCatching { Files.deleteIfExists(temporary) }.exceptionOrNull()?.let(e::addSuppressed)
            throw e
        }
        forceFolder()
    }

    /** To rename is allowed where to write is not, and it would put a file in the place of a device. */
    private fun checkTarget() {
        if (!Files.exists(target)) return
        if (Files.isDirectory(target)) throw isDirectory(target)
        if (!Files.isRegularFile(target)) throw FileSystemException("$target", null, "Not a regular file: write to it by openFile")
        if (!Files.isWritable(target)) throw AccessDeniedException("$target")
    }

    private fun createBeside(): Pair<Path, FileChannel> {
        while (true) {
            val path = folder.resolve(".simul-${Random.nextLong().toULong().toString(radix = 36)}.tmp")
            try {
                return path to FileChannel.open(path, WRITE, CREATE_NEW)
            } catch (_: FileAlreadyExistsException) {
                continue
            }
        }
    }

    private fun adoptPermissions(temporary: Path) {
        if (!Files.exists(target)) return
        val old = Files.getFileAttributeView(target, PosixFileAttributeView::class.java)?.readAttributes() ?: return
        val new = Files.getFileAttributeView(temporary, PosixFileAttributeView::class.java)
        val mine = new.readAttributes()
        if (old.group() != mine.group()) ignoringRefusal { new.setGroup(old.group()) }
        if (old.owner() != mine.owner()) ignoringRefusal { new.owner = old.owner() }
        new.setPermissions(old.permissions())
    }

    private fun ignoringRefusal(change: () -> Unit) {
        try {
            change()
        } catch (_: FileSystemException) {
            // Only the superuser may give files away.
        }
    }

    private fun goOn() {
        if (call.isAbandoned) throw CancelledException("cancelled before the file was replaced")
    }

    /** So that the new name outlasts a failure of the machine; where folders can be opened, which is not so on Windows. */
    private fun forceFolder() {
        try {
            FileChannel.open(folder, READ).use { it.force(true) }
        } catch (_: IOException) {
            // The file is replaced all the same.
        }
    }
}
