// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.net.InetSocketAddress
import java.net.SocketAddress
import kotlin.concurrent.withLock

/** The end of a [Direction] that segments arrive at. Under the network's lock. */
internal interface Receiver {
    fun receive(segment: Segment)

    /** Nobody acknowledges what this end has sent: it gives the connection up. */
    fun timedOut()
}

/**
 * One direction of a connection between two machines, or within one.
 *
 * @property source the address of the socket that sends.
 * @property target the address of the socket that receives.
 */
@SimulationApi
public class Direction internal constructor(
    private val network: MachineNetwork,
    public val source: SocketAddress,
    public val target: SocketAddress,
) {
    /** The direction in which the answers come. */
    internal lateinit var opposite: Direction
        private set
    internal lateinit var receiver: Receiver

    /** Leads to the other machine; null within one. */
    private var carrier: Carrier? = null

    /** The incarnation of a machine that has the receiving socket; null until a segment has arrived there. */
    internal var owner: MemoryMachine? = null
        private set

    private val sender get() = opposite.owner

    /** The name of the machine that sends. */
    public val from: String get() = network.nameAt(source)

    /** The name of the machine that receives. */
    public val to: String get() = network.nameAt(target)

    /** How many bytes the sending socket takes at most that the receiving program has not read. */
    public val window: Int get() = Endpoint.WINDOW

    /** Whether the machine that had the sending socket is cut off: it sends nothing again. */
    public val isSenderCutOff: Boolean get() = sender?.isCutOff == true

    // Under the network's lock.

    internal fun send(segment: Segment) {
        val carrier = carrier
        when {
            carrier == null -> receiver.receive(segment)
            !isSenderCutOff -> carrier.carry(segment)
        }
    }

    /** How many of [count] bytes a write takes. */
    internal fun mostToWrite(count: Int): Int = carrier?.mostToWrite(count) ?: count

    // For a medium; any thread may call these.

    /**
     * [segment] arrives. If the machine was [replaced][Machine.replace] since the connection was made, it answers with a reset.
     *
     * @return whether the machine took it: one that is cut off does not answer.
     */
    public fun deliver(segment: Segment): Boolean =
        network.lock.withLock {
            val machine = network.machineAt((target as InetSocketAddress).address)
            if (machine == null || machine.isCutOff) return false
            if (segment == Segment.Syn) owner = machine
            if (owner === machine) {
                receiver.receive(segment)
            } else if (segment != Segment.Rst) {
                opposite.carrier!!.carry(Segment.Rst)
            }
            true
        }

    /** The sender has tried for long enough: to connect fails, as does an established connection, with "Connection timed out". */
    public fun giveUp() {
        network.lock.withLock { if (!isSenderCutOff) opposite.receiver.timedOut() }
    }

    /** As `client:49152 -> server:80`. */
    override fun toString(): String = "$from:${portOf(source)} -> $to:${portOf(target)}"

    private fun portOf(address: SocketAddress) = (address as InetSocketAddress).port

    internal companion object {
        /** From a socket of [machine] to [target]; nothing has been sent yet. */
        fun open(
            machine: MemoryMachine,
            source: SocketAddress,
            target: SocketAddress,
        ): Direction {
            val network = machine.network
            val there = Direction(network, source, target)
            val back = Direction(network, target, source)
            there.opposite = back
            back.opposite = there
            back.owner = machine
            there.receiver = Attempt(there, back)
            if (machine.isHere(target)) there.owner = machine else carry(there, back, network.medium)
            return there
        }

        private fun carry(
            there: Direction,
            back: Direction,
            medium: Medium,
        ) {
            val carriers = medium.connect(there, back)
            there.carrier = carriers.there
            back.carrier = carriers.back
        }
    }
}
