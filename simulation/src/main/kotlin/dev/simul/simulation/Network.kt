// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.testing.network.Carriers
import dev.simul.testing.network.Datagram
import dev.simul.testing.network.Direction
import dev.simul.testing.network.Machine
import dev.simul.testing.network.MachineNetwork
import dev.simul.testing.network.Medium
import java.net.InetAddress

/**
 * The network between the hosts of a simulation. Connections and datagrams take their time by its [conditions], and it fails as it is told to;
 * what a host sends to itself arrives at once. Where a host is named, case does not matter.
 *
 * ```
 * network.partition("client", "server")
 * sleep(10.seconds)
 * network.heal()
 * ```
 *
 * asyncio has no equivalent.
 */
public class Network internal constructor(
    internal val agenda: Agenda,
    internal val choices: Choices,
    private val log: (host: String, what: String) -> Unit,
) {
    private val wires = LinkedHashMap<String, LinkedHashMap<String, Wire>>()
    private val names = ArrayList<String>()
    private val parked = LinkedHashSet<Path>()
    internal val machines = MachineNetwork(Between())

    /** What holds between all hosts for which [between] has not said otherwise. */
    public val conditions: NetworkConditions = NetworkConditions()

    /** The machine of a new host. */
    internal fun addMachine(
        name: String,
        address: InetAddress?,
    ): Machine = machines.addMachine(name, address).also { names += name }

    /**
     * What holds between these two hosts alone, in both directions. The first call starts from what [conditions] are then.
     *
     * @throws IllegalArgumentException if there is no host of that name.
     */
    public fun between(
        one: String,
        other: String,
    ): NetworkConditions {
        val there = known(one, other)
        val own = there.ownConditions ?: conditions.copy()
        there.ownConditions = own
        known(other, one).ownConditions = own
        return own
    }

    /**
     * From now on nothing passes between these two hosts, in either direction. Datagrams are lost; what connections carry waits and is sent
     * again, and arrives after [heal], unless its sender gave up by then, see [NetworkConditions.retransmissionTimeout]. To connect takes
     * until then, or times out. That is what a cable is that somebody has pulled.
     *
     * @throws IllegalArgumentException if there is no host of that name.
     */
    public fun partition(
        one: String,
        other: String,
    ): Unit = partition(listOf(one), listOf(other))

    /**
     * From now on nothing passes between a host of [some] and one of [others]; within each group everything does.
     *
     * @throws IllegalArgumentException if there is no host of such a name, or one is in both groups.
     */
    public fun partition(
        some: Collection<String>,
        others: Collection<String>,
    ) {
        val both = some.map(::known).intersect(others.map(::known).toSet())
        require(both.isEmpty()) { "a partition has $both on both sides: name each host on one" }
        for (one in some) {
            for (other in others) {
                setCut(one, other, true)
                setCut(other, one, true)
            }
        }
    }

    /**
     * From now on nothing passes [from] the one host [to] the other; the other direction works. Connections become half-open: what [from] sends
     * is not received, and what it receives is not acknowledged, so both sides give up in the end, each only if it sends.
     *
     * @throws IllegalArgumentException if there is no host of that name.
     */
    public fun cut(
        from: String,
        to: String,
    ): Unit = setCut(from, to, true)

    /**
     * Ends what [partition] and [cut] have done between these two hosts.
     *
     * @throws IllegalArgumentException if there is no host of that name.
     */
    public fun heal(
        one: String,
        other: String,
    ) {
        setCut(one, other, false)
        setCut(other, one, false)
        tryParked()
    }

    /** Ends all partitions and cuts. What is sent again arrives when its sender tries next, which after a long time may take two minutes. */
    public fun heal() {
        for (from in names) for (to in wires[from].orEmpty().keys) if (wire(from, to).isCut) setCut(from, to, false)
        tryParked()
    }

    private fun setCut(
        from: String,
        to: String,
        isCut: Boolean,
    ) {
        val wire = known(from, to)
        wire.isCut = isCut
        note(wire.from, if (isCut) "cut off from ${wire.to}" else "reaches ${wire.to} again")
    }

    private fun known(
        from: String,
        to: String,
    ): Wire {
        val one = known(from)
        val other = known(to)
        require(one != other) { "the network does not carry what $one sends to itself: name two hosts" }
        return wire(one, other)
    }

    /** The host's name, as it was given. */
    private fun known(name: String): String =
        requireNotNull(machines.knownName(name)) { "there is no host named $name: the hosts are ${names.joinToString()}" }

    private fun wire(
        from: String,
        to: String,
    ): Wire = wires.getOrPut(from) { LinkedHashMap() }.getOrPut(to) { Wire(this, agenda, from, to) }

    // What the paths of connections need.

    internal fun note(
        host: String,
        what: String,
    ) = log(host, what)

    /** [path] has something to carry that nobody sends again in time: it waits for the network to heal. */
    internal fun park(path: Path) {
        parked += path
    }

    private fun tryParked() {
        val waiting = parked.toList()
        parked.clear()
        waiting.forEach { it.tryAgain() }
    }

    /** The medium, as the machines see it. */
    private inner class Between : Medium {
        override fun connect(
            there: Direction,
            back: Direction,
        ): Carriers {
            val (first, second) = Path.pair(path(there), path(back))
            return Carriers(first, second)
        }

        private fun path(direction: Direction) = Path(this@Network, direction, wire(direction.from, direction.to))

        override fun send(datagram: Datagram) {
            val wire = wire(datagram.from, datagram.to)
            if (wire.isCut || choices.chance(wire.conditions.datagramLoss)) return lost(datagram)
            deliver(datagram, wire)
            if (choices.chance(wire.conditions.datagramDuplication)) deliver(datagram, wire)
        }

        private fun deliver(
            datagram: Datagram,
            wire: Wire,
        ) {
            agenda.at(wire.datagramArrival(datagram.size, choices)) {
                if (wire.isCut) return@at lost(datagram)
                note(datagram.to, "$datagram from ${datagram.from}")
                datagram.deliver()
            }
        }

        private fun lost(datagram: Datagram) = note(datagram.from, "$datagram to ${datagram.to} is lost")

        override fun toString(): String = "<the simulated network>"
    }
}
