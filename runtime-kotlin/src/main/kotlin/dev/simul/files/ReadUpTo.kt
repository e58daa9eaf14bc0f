// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** How many bytes one call of the system moves at most: for that much, the JDK keeps a buffer for each thread. */
internal const val CHUNK = 256 * 1024

/** As the JDK says: some virtual machines have no longer arrays. */
private const val LONGEST = Int.MAX_VALUE - 8

/**
 * Up to [limit] bytes from the offset [from] on, fewer if the file ends, or if [isAbandoned] says that nobody wants them any longer.
 *
 * The size of a file is only a hint: it may change, and those of the system's own file systems say that they are empty.
 */
internal fun FileChannel.readUpTo(
    limit: Int,
    from: Long,
    isAbandoned: () -> Boolean = { false },
): ByteArray {
    val expected = minOf(limit.toLong(), maxOf(size() - from, 0))
    if (expected > LONGEST) throw tooLong(expected)
    var bytes = ByteArray(expected.toInt())
    var count = 0
    val extra = ByteBuffer.allocate(minOf(limit, 4096))
    while (count < limit && !isAbandoned()) {
        if (count < bytes.size) {
            val read = read(ByteBuffer.wrap(bytes, count, minOf(CHUNK, bytes.size - count)), from + count)
            if (read < 0) break
            count += read
        } else {
            extra.clear().limit(minOf(extra.capacity(), limit - count))
            val read = read(extra, from + count)
            if (read < 0) break
            if (count > LONGEST - read) throw tooLong(count.toLong() + read)
            bytes = bytes.copyOf(minOf(LONGEST.toLong(), maxOf(2L * count, count + CHUNK.toLong())).toInt())
            extra.flip().get(bytes, count, read)
            count += read
        }
    }
    return if (count == bytes.size) bytes else bytes.copyOf(count)
}

private fun tooLong(size: Long) = IOException("an array cannot hold $size bytes: read the file in parts")
