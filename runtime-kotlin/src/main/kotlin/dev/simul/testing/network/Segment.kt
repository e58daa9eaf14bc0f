// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.nio.ByteBuffer

/**
 * What one end of a connection tells the other, as the segments of TCP do (RFC 9293).
 *
 * asyncio has no equivalent.
 */
@SimulationApi
public sealed interface Segment {
    /** How many bytes of the stream it carries. */
    public val size: Int get() = 0

    /** The client asks for a connection. */
    public object Syn : Segment {
        override fun toString(): String = "SYN"
    }

    /** The server has room for the connection. */
    public object SynAck : Segment {
        override fun toString(): String = "SYN-ACK"
    }

    /** The client knows that it is connected: the server may accept the connection. */
    public object Established : Segment {
        override fun toString(): String = "connected"
    }

    /** Bytes of the stream, which come after those of the segment before. */
    public class Bytes internal constructor(
        internal val bytes: ByteBuffer,
    ) : Segment {
        override val size: Int get() = bytes.remaining()

        /**
         * The first [count] bytes, and the others.
         *
         * @throws IllegalArgumentException if one of the two would be empty.
         */
        public fun split(count: Int): Pair<Bytes, Bytes> {
            require(count in 1 until size) { "$size bytes cannot be split after $count: each part needs one at least" }
            val from = bytes.position()
            return Bytes(bytes.slice(from, count)) to Bytes(bytes.slice(from + count, size - count))
        }

        override fun toString(): String = "$size bytes"
    }

    /**
     * The receiver has read [count] bytes, so that there is room for as many more.
     *
     * @property count how many bytes.
     */
    public class Ack internal constructor(
        public val count: Int,
    ) : Segment {
        override fun toString(): String = "room for $count bytes"
    }

    /** The sender asks whether the other end is still there, as TCP does while there is no room; one that is not resets the connection. */
    public object Probe : Segment {
        override fun toString(): String = "probe"
    }

    /** There will be no more bytes. */
    public object Fin : Segment {
        override fun toString(): String = "FIN"
    }

    /** The connection is refused, or broken off. */
    public object Rst : Segment {
        override fun toString(): String = "RST"
    }
}
