// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** Puts what is around the chunks of a body; the content between is the caller's to put. Source: RFC 9112, section 7.1. */
public object ChunkEncoder {
    /** The most bytes that [begin] puts. */
    public const val MOST_BEFORE: Int = 10

    /** Puts what comes before a chunk of [size] bytes. An empty chunk would end the body: [last] puts that. */
    @JvmStatic
    public fun begin(
        destination: ByteBuffer,
        size: Int,
    ) {
        require(size > 0) { "size is $size: an empty chunk would end the body" }
        var shift = (Int.SIZE_BITS - 1 - size.countLeadingZeroBits()) / DIGIT_BITS * DIGIT_BITS
        while (shift >= 0) {
            destination.put(DIGITS[size ushr shift and DIGIT_MASK].code.toByte())
            shift -= DIGIT_BITS
        }
        end(destination)
    }

    /** Puts what comes after a chunk. */
    @JvmStatic
    public fun end(destination: ByteBuffer) {
        destination.put(Octets.CR).put(Octets.LF)
    }

    /** How many bytes [last] puts. */
    @JvmStatic
    public fun lastSize(trailers: Headers): Int = EMPTY_CHUNK_SIZE + trailers.encodedSize

    /** Puts the end of the body: the empty chunk and the [trailers]. */
    @JvmStatic
    @JvmOverloads
    public fun last(
        destination: ByteBuffer,
        trailers: Headers = Headers.EMPTY,
    ) {
        destination.put('0'.code.toByte())
        end(destination)
        trailers.encodeTo(destination)
        end(destination)
    }

    private const val DIGITS = "0123456789abcdef"
    private const val DIGIT_BITS = 4
    private const val DIGIT_MASK = 15
    private const val EMPTY_CHUNK_SIZE = 5
}
