// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import java.io.EOFException

/**
 * The peer has ended the stream before all bytes that were asked for had come.
 *
 * Source: `asyncio.IncompleteReadError`.
 *
 * @property partial the bytes that have come.
 * @property expected how many were asked for; null if that is not known.
 */
public class IncompleteReadException(
    @get:JvmName("partial")
    public val partial: ByteArray,
    @get:JvmName("expected")
    public val expected: Int?,
) : EOFException("${partial.size} bytes read on a total of ${expected ?: "undefined"} expected bytes") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/**
 * The limit of a [StreamReader] was reached before a separator was found: read the bytes in parts, or make it with a higher limit.
 *
 * Source: `asyncio.LimitOverrunError`, and the `ValueError` of `StreamReader.readline`.
 *
 * @property consumed how many bytes would have to be read to get at the rest.
 */
public class LimitOverrunException(
    message: String,
    @get:JvmName("consumed")
    public val consumed: Int,
) : IllegalArgumentException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
