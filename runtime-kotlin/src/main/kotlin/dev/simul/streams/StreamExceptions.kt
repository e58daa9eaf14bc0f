// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import java.io.EOFException

/**
 * The peer ended the stream before all requested bytes had arrived.
 *
 * Source: `asyncio.IncompleteReadError`.
 *
 * @property partial the bytes that arrived.
 * @property expected how many were requested; null if that is unknown.
 */
public class IncompleteReadException(
    @get:JvmName("partial")
    public val partial: ByteArray,
    @get:JvmName("expected")
    public val expected: Int?,
) : EOFException("${partial.size} bytes read on a total of ${expected ?: "undefined"} expected bytes")

/**
 * The limit of a [StreamReader] was reached before a separator was found: read the bytes in parts, or create the reader with a higher
 * limit.
 *
 * Source: `asyncio.LimitOverrunError`, and the `ValueError` of `StreamReader.readline`.
 *
 * @property consumed how many bytes must be read to get past them.
 */
public class LimitOverrunException(
    message: String,
    @get:JvmName("consumed")
    public val consumed: Int,
) : IllegalArgumentException(message)
