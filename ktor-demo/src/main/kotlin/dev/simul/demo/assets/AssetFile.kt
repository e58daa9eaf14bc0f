package dev.simul.demo.assets

import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.isRegularFile
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * A file at [path] that is either whole or not there. What there is of it meanwhile lies beside it, in `NAME.part`; and in
 * `NAME.part.etag` how the server names the version that this is a part of. All methods block the thread.
 */
internal class AssetFile(
    val path: Path,
) {
    private val part = path.resolveSibling("${path.name}$PART")
    private val version = path.resolveSibling("${path.name}$VERSION")

    /** How many bytes lie there unfinished. */
    val partSize: Long get() = if (part.exists()) part.fileSize() else 0

    fun isWhole(size: Long): Boolean = path.isRegularFile() && path.fileSize() == size

    /** The part that can be completed to a file of that [size], if there is any. */
    fun beginning(size: Long): Beginning? {
        if (!part.isRegularFile() || !version.exists() || partSize !in 1 until size) return null
        return Beginning(partSize, version.readText())
    }

    /** Opens the part to go on with it after its first [from] bytes, all of which are there already. */
    fun open(
        from: Long,
        validator: String?,
    ): FileChannel {
        path.parent.createDirectories()
        if (from > 0) return FileChannel.open(part, WRITE, APPEND)
        version.deleteIfExists()
        val channel = FileChannel.open(part, WRITE, CREATE, TRUNCATE_EXISTING)
        validator?.let(version::writeText)
        return channel
    }

    /** The part is all of it. */
    fun complete() {
        part.moveTo(path, ATOMIC_MOVE)
        version.deleteIfExists()
    }

    /** Forgets the part. */
    fun discard() {
        part.deleteIfExists()
        version.deleteIfExists()
    }

    /** The first [size] bytes of a version of a file that the server knows by [validator], an ETag or a date. */
    class Beginning(
        val size: Long,
        val validator: String,
    )

    companion object {
        private const val PART = ".part"
        private const val VERSION = ".part.etag"

        /** What the names of files end in that are only there for a while. */
        val SUFFIXES = listOf(PART, VERSION)
    }
}
