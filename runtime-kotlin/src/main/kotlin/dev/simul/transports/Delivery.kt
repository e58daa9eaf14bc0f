// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.isFatal
import java.nio.ByteBuffer

/** A transport, or a layer of one, that calls a protocol and passes received bytes to it. */
internal interface ProtocolCaller {
    /** Reports [exception], which the protocol threw, say, and gives up the connection. */
    fun fail(
        exception: Throwable,
        message: String,
    )
}

/** Runs [block], which calls the protocol's method [what]. Returns null if it failed: the failure was handled. */
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
 * Passes bytes to [protocol] in the buffer that it gives: [fill] puts them there and returns their number. The buffer may be borrowed from
 * [buffers]: it belongs to the protocol until this returns.
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

/** Passes to [protocol] as many of [bytes] as it takes at once; there must be some. Returns false if it failed. */
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
