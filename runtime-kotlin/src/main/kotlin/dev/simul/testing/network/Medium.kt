// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi

/**
 * What lies between the machines of a [MachineNetwork]: it carries whatever one sends to another. What a machine sends to itself arrives at
 * once, and no medium sees it.
 *
 * A medium is called while a machine sends, under the network's lock; it delivers at once or later, in any thread.
 *
 * asyncio has no equivalent.
 */
@SimulationApi
public interface Medium {
    /**
     * A client begins to connect: returns what carries the segments of both directions, for as long as the connection lasts.
     *
     * @param there from the client to the server.
     * @param back from the server to the client.
     */
    public fun connect(
        there: Direction,
        back: Direction,
    ): Carriers

    /** Carries [datagram], which may get lost, come twice, or later than others. */
    public fun send(datagram: Datagram)

    /** Brings everything at once, and loses nothing. */
    public companion object AtOnce : Medium {
        override fun connect(
            there: Direction,
            back: Direction,
        ): Carriers = Carriers({ there.deliver(it) }, { back.deliver(it) })

        override fun send(datagram: Datagram): Unit = datagram.deliver()

        override fun toString(): String = "<Medium.AtOnce>"
    }
}

/**
 * What carries the two directions of a connection.
 *
 * @property there from the client to the server.
 * @property back from the server to the client.
 */
@SimulationApi
public class Carriers(
    public val there: Carrier,
    public val back: Carrier,
)

/** Carries the segments of one [Direction] of a connection. */
@SimulationApi
public fun interface Carrier {
    /**
     * Sees to it that [segment] is [delivered][Direction.deliver] in the order in which it was sent, exactly once; or that the sender learns
     * that it [cannot be][Direction.giveUp]. It may split bytes, and join them.
     */
    public fun carry(segment: Segment)

    /** How many of [count] bytes the sender's socket takes in one write: from 1 to [count]. */
    public fun mostToWrite(count: Int): Int = count
}
