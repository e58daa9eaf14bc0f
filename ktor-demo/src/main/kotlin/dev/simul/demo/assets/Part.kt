// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.channels.OverlappingFileLockException
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.createDirectories
import kotlin.io.path.moveTo

/**
 * The part of a [file] that is there, while this process goes on with it: it is locked, so that no other does the same. All methods
 * block the thread, and may be called by any. Closing it leaves what can be resumed, and nothing else.
 */
internal class Part(
    private val file: AssetFile,
) : AutoCloseable {
    private var channel: FileChannel? = null
    private var isOver = false
    private var isClosed = false

    /**
     * Opens it behind its first [from] bytes; what is behind them is dropped.
     *
     * @param validator what the server calls this version, if it can be resumed.
     * @param size how long the file will be.
     * @throws Taken if another process goes on with it, or has done so.
     */
    @Synchronized
    fun open(
        from: Long,
        validator: String?,
        size: Long,
    ) {
        check(!isClosed) { "the part of ${file.path} is closed" }
        file.path.parent.createDirectories()
        val opened = FileChannel.open(file.part, WRITE, CREATE)
        try {
            if (!lock(opened)) throw Taken()
            if (isMoved(opened, size) || (from > 0 && opened.size() != from)) throw Taken().also { if (opened.size() == 0L) file.discard() }
            if (from == 0L) {
                opened.truncate(0)
                file.version = validator
            }
            opened.position(from)
            channel = opened
        } finally {
            if (channel == null) opened.close()
        }
    }

    private fun lock(opened: FileChannel): Boolean =
        try {
            opened.tryLock() != null
        } catch (_: OverlappingFileLockException) {
            false
        }

    /** Whether another process had it locked when this one opened it, and has moved it to its place before letting go. */
    private fun isMoved(
        opened: FileChannel,
        size: Long,
    ): Boolean = file.isWhole(size) || file.partSize != opened.size()

    /** Appends [bytes]. */
    fun write(bytes: ByteBuffer) {
        while (bytes.hasRemaining()) channel!!.write(bytes)
    }

    /** It is all of the file now. */
    @Synchronized
    fun complete() {
        file.part.moveTo(file.path, ATOMIC_MOVE)
        file.version = null
        isOver = true
    }

    /** Nothing of it is of use. */
    @Synchronized
    fun discard() {
        file.discard()
        isOver = true
    }

    @Synchronized
    override fun close() {
        isClosed = true
        channel?.use { if (!isOver && (it.size() == 0L || file.version == null)) file.discard() }
    }

    /** Another process is at the same file. */
    class Taken : Exception("another program is downloading the same; run this again when it has ended") {
        private companion object {
            private const val serialVersionUID = 1L
        }
    }
}
