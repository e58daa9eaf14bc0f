// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/**
 * What a transport tells the user of a connection; every callback does nothing unless it is overridden.
 *
 * All of them are called in the loop's thread, as plain callbacks: they cannot await, and should not block.
 *
 * Source: `asyncio.BaseProtocol`.
 */
public interface BaseProtocol {
    /**
     * The connection is gone, and the transport with it. Called once, last of all.
     *
     * Source: `BaseProtocol.connection_lost(exc)`.
     *
     * @param exception why; null if it was closed from here, or if the peer has ended it regularly.
     */
    public fun connectionLost(exception: Throwable?) {}

    /**
     * The transport holds more unsent bytes than its high limit: to write on would only fill the memory.
     *
     * Called in the middle of the write that went over the limit. Source: `BaseProtocol.pause_writing()`.
     */
    public fun pauseWriting() {}

    /** The unsent bytes are at the low limit or below it again. Source: `BaseProtocol.resume_writing()`. */
    public fun resumeWriting() {}
}

/** A protocol of a stream of bytes: a [Protocol] or a [BufferedProtocol]. */
public interface StreamingProtocol : BaseProtocol {
    /** There is a connection: called once, first of all. Source: `BaseProtocol.connection_made(transport)`. */
    public fun connectionMade(transport: Transport) {}

    /**
     * The peer sends nothing more.
     *
     * Source: `Protocol.eof_received()`.
     *
     * @return whether the transport stays open for writing; otherwise it closes itself. TLS closes in any case.
     */
    public fun eofReceived(): Boolean = false
}

/**
 * Receives a stream of bytes as it comes.
 *
 * The order of calls is `connectionMade`, any number of `dataReceived`, at most one `eofReceived`, `connectionLost`. An exception
 * out of them ends the connection, and goes to the loop's exception handler.
 *
 * Source: `asyncio.Protocol`.
 */
public interface Protocol : StreamingProtocol {
    /**
     * Some bytes have come: one at least; where one message ends and the next begins is for the protocol to know.
     *
     * Source: `Protocol.data_received(data)`.
     *
     * @param data they are the protocol's own.
     */
    public fun dataReceived(data: ByteArray) {}

    /**
     * As the other [dataReceived], which this calls with a copy. Override this one instead to spare the copy.
     *
     * @param data the transport's buffer, from its position to its limit, until this returns.
     */
    public fun dataReceived(data: ByteBuffer): Unit = dataReceived(ByteArray(data.remaining()).also { data.get(it) })
}

/**
 * Receives a stream of bytes into buffers of its own.
 *
 * The order of calls is `connectionMade`, any number of pairs of `getBuffer` and `bufferUpdated`, at most one `eofReceived`,
 * `connectionLost`. An exception out of them ends the connection, and goes to the loop's exception handler.
 *
 * Source: `asyncio.BufferedProtocol`.
 */
public interface BufferedProtocol : StreamingProtocol {
    /**
     * The buffer to receive into, from its position to its limit. A direct one spares a copy.
     *
     * Source: `BufferedProtocol.get_buffer(sizehint)`.
     *
     * @param sizeHint how many bytes it should have room for; -1 for as you like. Other sizes will do too, but not zero.
     */
    public fun getBuffer(sizeHint: Int): ByteBuffer

    /**
     * [count] bytes have come into the last buffer, whose position has moved behind them.
     *
     * Source: `BufferedProtocol.buffer_updated(nbytes)`.
     */
    public fun bufferUpdated(count: Int) {}
}
