// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/** Gives this protocol the bytes of [data], for transports that receive into buffers of their own. */
internal fun StreamingProtocol.receive(data: ByteBuffer) {
    when (this) {
        is Protocol -> if (data.hasRemaining()) dataReceived(data)
        is BufferedProtocol -> while (data.hasRemaining()) receiveSome(data)
        else -> throw IllegalStateException("$this is neither a Protocol nor a BufferedProtocol: it cannot receive")
    }
}

/** Refuses what getBuffer() may not return. */
internal fun checkRoom(buffer: ByteBuffer): Unit =
    check(buffer.hasRemaining()) { "getBuffer() returned an empty buffer: give one with room" }

private fun BufferedProtocol.receiveSome(data: ByteBuffer) {
    val buffer = getBuffer(data.remaining()).also(::checkRoom)
    val room = buffer.remaining()
    buffer.putSome(data)
    bufferUpdated(room - buffer.remaining())
}
