// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.io.IOException
import java.net.SocketAddress
import java.nio.ByteBuffer

/**
 * Receives datagrams.
 *
 * The order of calls is `connectionMade`, any number of `datagramReceived` and `errorReceived`, `connectionLost`. An exception thrown by
 * them goes to the loop's exception handler, and the endpoint stays open.
 *
 * Source: `asyncio.DatagramProtocol`.
 */
public interface DatagramProtocol : BaseProtocol {
    /** The endpoint is open: called once, first. Source: `BaseProtocol.connection_made(transport)`. */
    public fun connectionMade(transport: DatagramTransport) {}

    /**
     * A datagram has arrived; it may be empty.
     *
     * Source: `DatagramProtocol.datagram_received(data, addr)`.
     *
     * @param data belongs to the protocol.
     * @param addr the sender's address.
     */
    public fun datagramReceived(
        data: ByteArray,
        addr: SocketAddress,
    ) {}

    /**
     * As the other [datagramReceived], which this calls with a copy. Override this one instead to avoid the copy.
     *
     * @param data the transport's buffer, from its position to its limit; valid until this returns.
     */
    public fun datagramReceived(
        data: ByteBuffer,
        addr: SocketAddress,
    ): Unit = datagramReceived(ByteArray(data.remaining()).also { data.get(it) }, addr)

    /**
     * A datagram could not be sent, or was refused: a [java.net.PortUnreachableException] if nothing listens on the address that the
     * endpoint is connected to.
     *
     * Source: `DatagramProtocol.error_received(exc)`.
     */
    public fun errorReceived(exception: IOException) {}
}
