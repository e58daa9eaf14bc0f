package dev.simul.io

import java.nio.ByteBuffer

/** Gives this protocol the bytes of [data], for transports that receive into buffers of their own. */
internal fun StreamingProtocol.receive(data: ByteBuffer) {
    when (this) {
        is Protocol -> if (data.hasRemaining()) dataReceived(data)
        is BufferedProtocol -> while (data.hasRemaining()) receiveSome(data)
        else -> throw IllegalStateException("$this is neither a Protocol nor a BufferedProtocol: it cannot receive")
    }
}

private fun BufferedProtocol.receiveSome(data: ByteBuffer) {
    val buffer = getBuffer(data.remaining())
    val room = buffer.remaining()
    check(room > 0) { "getBuffer() returned an empty buffer: give one with room" }
    buffer.putSome(data)
    bufferUpdated(room - buffer.remaining())
}
