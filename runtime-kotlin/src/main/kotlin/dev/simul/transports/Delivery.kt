// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.nio.ByteBuffer

/**
 * Calls the protocol of a transport, and gives it what has come.
 *
 * @param fail ends the connection, for what the protocol has thrown.
 */
internal class Delivery(
    loop: EventLoop,
    private val fail: (Throwable, String) -> Unit,
) {
    private val buffers = BufferPool[loop]

    /** Does [block], which calls the protocol. Returns null if it failed: that has been dealt with. */
    inline fun <R> call(
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
     * Has [protocol] receive, into the buffer that it gives, what [fill] puts there, which returns how many bytes these are. That
     * buffer may be borrowed: it is the protocol's until this is over.
     *
     * Returns false if it failed.
     */
    inline fun receiveInto(
        protocol: BufferedProtocol,
        fill: (ByteBuffer) -> Int,
    ): Boolean =
        buffers.lending {
            val buffer = call("getBuffer") { protocol.getBuffer(-1).also { checkRoom(it) } } ?: return false
            val count = fill(buffer)
            count <= 0 || call("bufferUpdated") { protocol.bufferUpdated(count) } != null
        }

    private fun checkRoom(buffer: ByteBuffer) = check(buffer.hasRemaining()) { "getBuffer() returned an empty buffer: give one with room" }

    /** Has [protocol] receive what [fill] puts into a buffer of the loop's, and whether there is anything. Returns false if it failed. */
    inline fun receiveBy(
        protocol: StreamingProtocol,
        fill: (ByteBuffer) -> Int,
    ): Boolean =
        buffers.use { buffer ->
            if (fill(buffer) <= 0) return true
            give(protocol, buffer.flip())
        }

    /** Gives [protocol] what it takes at once of [bytes], of which there are some. Returns false if it failed. */
    fun give(
        protocol: StreamingProtocol,
        bytes: ByteBuffer,
    ): Boolean {
        if (protocol is BufferedProtocol) return receiveInto(protocol) { it.putUpTo(bytes) }
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
}
