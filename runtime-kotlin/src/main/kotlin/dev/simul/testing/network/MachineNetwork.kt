// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/**
 * Several machines in memory, each with addresses, ports, paths of Unix domain sockets and a loopback interface of its own. All of them know
 * each other by name. Whatever one sends to another passes through the [medium].
 *
 * Any thread may call the methods. asyncio has no equivalent.
 *
 * @param medium what lies between the machines; by default, everything arrives at once.
 */
@SimulationApi
public class MachineNetwork(
    internal val medium: Medium = Medium.AtOnce,
) {
    internal val lock = ReentrantLock()
    internal val hosts = Hosts()

    /** By each of its addresses, the incarnation that has it now. */
    private val machines = LinkedHashMap<InetAddress, MemoryMachine>()

    /**
     * Adds a machine.
     *
     * @param name case does not matter.
     * @param address is the machine's; if null, it is the next free one of 10.0.0.0/8, from 10.0.0.1.
     * @throws IllegalArgumentException if another machine has that name or address, or no single host can have the address.
     */
    public fun addMachine(
        name: String,
        address: InetAddress? = null,
    ): Machine =
        lock.withLock {
            requireOfHost(name, address)
            require(hosts.addresses(name) == null) { "there is a machine named $name already: give each one a name of its own" }
            val taken = machines[address]
            require(taken == null) { "the address of $name is $address, which ${taken?.name} has: give each machine one of its own" }
            Machine(this, name).also { give(it, name, address) }
        }

    /** The name that was given to the machine which programs find by [name], or null if there is none. */
    public fun knownName(name: String): String? = lock.withLock { hosts.addresses(name)?.firstNotNullOfOrNull(machines::get)?.name }

    // Under the lock.

    /** Gives [machine] an address, by that [name]. */
    internal fun give(
        machine: MemoryMachine,
        name: String,
        address: InetAddress?,
    ): InetAddress {
        val added = hosts.add(name, address)
        own(machine, added)
        return added
    }

    /** From now on, [machine] has what [earlier] had. */
    internal fun replace(
        earlier: MemoryMachine,
        machine: MemoryMachine,
    ) = earlier.addresses.forEach { own(machine, it) }

    private fun own(
        machine: MemoryMachine,
        address: InetAddress,
    ) {
        machine.addresses += address
        machines[address] = machine
    }

    internal fun machineAt(address: InetAddress): MemoryMachine? = machines[address]

    internal val all: Set<MemoryMachine> get() = machines.values.toCollection(LinkedHashSet())

    internal fun nameAt(address: SocketAddress): String = lock.withLock { machines[(address as InetSocketAddress).address]?.name.orEmpty() }

    override fun toString(): String = "<MachineNetwork of ${lock.withLock { all }.joinToString { it.name }}>"
}

internal fun requireOfHost(
    name: String,
    address: InetAddress?,
) = require(address == null || !(address.isAnyLocalAddress || address.isMulticastAddress || address.isBroadcast)) {
    "the address of $name is $address: it must be that of a single host"
}
