// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/**
 * The events of a transport; every callback does nothing unless it is overridden.
 *
 * All of them are called in the loop's thread, as plain callbacks: they cannot await, and should not block.
 *
 * Source: `asyncio.BaseProtocol`.
 */
public interface BaseProtocol {
    /**
     * The connection is gone, and the transport with it. Called once, last.
     *
     * Source: `BaseProtocol.connection_lost(exc)`.
     *
     * @param exception the reason; null if this side closed it, or the peer ended it regularly.
     */
    public fun connectionLost(exception: Throwable?) {}

    /**
     * The transport holds more unsent bytes than its high limit: writing more would only fill the memory.
     *
     * Called in the middle of the write that went over the limit. Source: `BaseProtocol.pause_writing()`.
     */
    public fun pauseWriting() {}

    /** The unsent bytes are at or below the low limit again. Source: `BaseProtocol.resume_writing()`. */
    public fun resumeWriting() {}
}

/** A protocol of a stream of bytes: a [Protocol] or a [BufferedProtocol]. */
public interface StreamingProtocol : BaseProtocol {
    /** The connection is made: called once, first. Source: `BaseProtocol.connection_made(transport)`. */
    public fun connectionMade(transport: Transport) {}

    /**
     * The peer will send nothing more.
     *
     * Source: `Protocol.eof_received()`.
     *
     * @return whether the transport stays open for writing; otherwise it closes itself. TLS closes in any case.
     */
    public fun eofReceived(): Boolean = false
}

/**
 * Receives a stream of bytes as it arrives.
 *
 * The order of calls is `connectionMade`, any number of `dataReceived`, at most one `eofReceived`, `connectionLost`. An exception thrown by
 * them ends the connection, and goes to the loop's exception handler.
 *
 * Source: `asyncio.Protocol`.
 */
public interface Protocol : StreamingProtocol {
    /**
     * Some bytes have arrived, at least one; the protocol must find where one message ends and the next begins.
     *
     * Source: `Protocol.data_received(data)`.
     *
     * @param data belongs to the protocol.
     */
    public fun dataReceived(data: ByteArray) {}

    /**
     * As the other [dataReceived], which this calls with a copy. Override this one instead to avoid the copy.
     *
     * @param data the transport's buffer, from its position to its limit; valid until this returns.
     */
    public fun dataReceived(data: ByteBuffer): Unit = dataReceived(ByteArray(data.remaining()).also { data.get(it) })
}

/**
 * Receives a stream of bytes into its own buffers.
 *
 * The order of calls is `connectionMade`, any number of pairs of `getBuffer` and `bufferUpdated`, at most one `eofReceived`,
 * `connectionLost`. An exception thrown by them ends the connection, and goes to the loop's exception handler.
 *
 * Source: `asyncio.BufferedProtocol`.
 */
public interface BufferedProtocol : StreamingProtocol {
    /**
     * Returns the buffer to receive into, from its position to its limit. A direct buffer avoids a copy.
     *
     * Source: `BufferedProtocol.get_buffer(sizehint)`.
     *
     * @param sizeHint how many bytes it should have room for; -1 for any number. Other sizes work too, except zero.
     */
    public fun getBuffer(sizeHint: Int): ByteBuffer

    /**
     * [count] bytes have arrived in the last buffer, whose position was advanced by them.
     *
     * Source: `BufferedProtocol.buffer_updated(nbytes)`.
     */
    public fun bufferUpdated(count: Int) {}
}
