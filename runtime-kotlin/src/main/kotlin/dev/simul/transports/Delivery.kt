// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.isFatal
import java.nio.ByteBuffer

/** A transport, or a layer of one, that calls a protocol, and gives it what has come. */
internal interface ProtocolCaller {
    /** Tells of [exception], which the protocol has thrown, say, and gives the connection up. */
    fun fail(
        exception: Throwable,
        message: String,
    )
}

/** Does [block], which calls the protocol's method [what]. Returns null if it failed: that has been dealt with. */
internal inline fun <R> ProtocolCaller.call(
    what: String,
    block: () -> R,
): R? =
    try {
        block()
    } catch (e: Throwable) {
        if (e.isFatal) throw e
        fail(e, "Fatal error: protocol.$what() call failed.")
        null
    }

/**
 * Has [protocol] receive, into the buffer that it gives, what [fill] puts there, which returns how many bytes these are. That buffer
 * may be borrowed of [buffers]: it is the protocol's until this is over.
 *
 * Returns false if it failed.
 */
internal inline fun ProtocolCaller.receiveInto(
    protocol: BufferedProtocol,
    buffers: BufferPool,
    fill: (ByteBuffer) -> Int,
): Boolean =
    buffers.lending {
        val buffer = call("getBuffer") { protocol.getBuffer(-1).also { checkRoom(it) } } ?: return false
        val count = fill(buffer)
        count <= 0 || call("bufferUpdated") { protocol.bufferUpdated(count) } != null
    }

internal fun checkRoom(buffer: ByteBuffer): Unit =
    check(buffer.hasRemaining()) { "getBuffer() returned an empty buffer: give one with room" }

/** Gives [protocol] what it takes at once of [bytes], of which there are some. Returns false if it failed. */
internal fun ProtocolCaller.give(
    protocol: StreamingProtocol,
    bytes: ByteBuffer,
    buffers: BufferPool,
): Boolean {
    if (protocol is BufferedProtocol) return receiveInto(protocol, buffers) { it.putUpTo(bytes) }
    val taken =
        call("dataReceived") {
            check(protocol is Protocol) { "$protocol is neither a Protocol nor a BufferedProtocol: it cannot receive" }
            protocol.dataReceived(bytes)
        }
    bytes.position(bytes.limit())
    return taken != null
}

private fun ByteBuffer.putUpTo(bytes: ByteBuffer): Int {
    val start = position()
    putSome(bytes)
    return position() - start
}
