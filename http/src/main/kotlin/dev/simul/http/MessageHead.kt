// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * A message up to its body: the start line and the header fields.
 *
 * @property version the version of its sender, or HTTP/1.1 if that is later.
 */
public sealed class MessageHead(
    public val version: HttpVersion,
    public val headers: Headers,
) {
    /** Whether its sender keeps the connection open for another message after this one. Source: RFC 9112, section 9.3. */
    public val isPersistent: Boolean
        get() =
            when {
                headers.hasToken("Connection", "close") -> false
                version == HttpVersion.HTTP_1_1 -> true
                else -> headers.hasToken("Connection", "keep-alive")
            }

    /** In bytes. */
    internal abstract val startLineSize: Int

    internal abstract fun encodeStartLineTo(destination: ByteBuffer)

    /** How many bytes [encodeTo] puts. */
    public val encodedSize: Int get() = startLineSize + headers.encodedSize + 2 * LINE_END

    /** Puts the head as it is sent, with the empty line at its end. @throws java.nio.BufferOverflowException if there is no room. */
    public fun encodeTo(destination: ByteBuffer) {
        encodeOpenTo(destination)
        destination.put(Octets.CR).put(Octets.LF)
    }

    /** As [encodeTo], without the empty line: more fields may follow. */
    internal fun encodeOpenTo(destination: ByteBuffer) {
        encodeStartLineTo(destination)
        destination.put(Octets.CR).put(Octets.LF)
        headers.encodeTo(destination)
    }

    private companion object {
        const val LINE_END = 2
    }
}

/** Puts the characters, which are of ISO 8859-1. */
internal fun ByteBuffer.putText(text: String) {
    for (i in text.indices) put(text[i].code.toByte())
}
