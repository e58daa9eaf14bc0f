// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.nio.ByteBuffer

/** What one end of a connection tells the other. */
internal sealed interface Segment {
    class Bytes(
        val bytes: ByteBuffer,
    ) : Segment

    /** The receiver has read that many bytes, so that there is room for as many more. */
    class Ack(
        val count: Int,
    ) : Segment

    /** There will be no more bytes. */
    data object Fin : Segment

    /** The connection is broken off. */
    data object Rst : Segment
}

/** One direction of a connection: whatever goes to the [receiver] goes through [deliver], in order. */
internal class Link(
    private val receiver: Endpoint,
) {
    /** It arrives at once: this network has neither delays nor losses. */
    fun deliver(segment: Segment) = receiver.receive(segment)
}
