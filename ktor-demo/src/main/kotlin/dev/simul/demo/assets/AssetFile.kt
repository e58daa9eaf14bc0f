// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import java.nio.file.Path
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.isRegularFile
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
    val part: Path = path.resolveSibling("${path.name}$PART")
    private val versionFile = path.resolveSibling("${path.name}$VERSION")

    /** How many bytes lie there unfinished. */
    val partSize: Long get() = if (part.exists()) part.fileSize() else 0

    /** What the server calls the version that the part is of, an ETag or a date; null if that is not known. */
    var version: String?
        get() =
            if (versionFile.exists()) {
                versionFile.readText().takeIf { text ->
                    text.isNotEmpty() && text.all { it in PRINTABLE }
                }
            } else {
                null
            }
        set(value) {
            if (value == null) versionFile.deleteIfExists() else versionFile.writeText(value)
        }

    fun isWhole(size: Long): Boolean = path.isRegularFile() && path.fileSize() == size

    /** The part that can be completed to a file of that [size], if there is any. */
    fun beginning(size: Long): Beginning? {
        if (!part.isRegularFile() || partSize !in 1 until size) return null
        return version?.let { Beginning(partSize, it) }
    }

    /** Forgets the part. */
    fun discard() {
        part.deleteIfExists()
        version = null
    }

    /** The first [size] bytes of a version of a file that the server knows by [validator], an ETag or a date. */
    class Beginning(
        val size: Long,
        val validator: String,
    )

    companion object {
        private const val PART = ".part"
        private const val VERSION = ".part.etag"

        /** What may be in the header of a request. */
        private val PRINTABLE = ' '..'~'

        /** What the names of files end in that are only there for a while. */
        val SUFFIXES = listOf(PART, VERSION)
    }
}
