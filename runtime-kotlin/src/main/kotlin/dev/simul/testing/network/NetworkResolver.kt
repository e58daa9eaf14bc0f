// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import dev.simul.net.Resolver
import java.net.InetAddress
import java.net.UnknownHostException

/**
 * Looks up the hosts of this network, at once and in the calling task. Loops of a [VirtualClock][dev.simul.testing.VirtualClock] have it; to
 * others, set it as their [resolver][dev.simul.net.resolver]:
 *
 * ```
 * val loop = EventLoop(poller = NioPoller(selectorProvider = network)).apply { resolver = network.resolver }
 * ```
 */
public val MemoryNetwork.resolver: Resolver get() = NetworkResolver(this, "see addHost")

/** Looks up the machines of this one's network, at once and in the calling task. */
@SimulationApi
public val Machine.resolver: Resolver get() = NetworkResolver(this, "see its hosts")

private class NetworkResolver(
    private val machine: MemoryMachine,
    private val remedy: String,
) : Resolver {
    private val network: Any = if (machine is Machine) machine.network else machine

    override suspend fun getaddrinfo(host: String): List<InetAddress> =
        machine.addressesOf(host) ?: throw UnknownHostException("$host: no host of this name is on $network, $remedy")

    override suspend fun getnameinfo(address: InetAddress): String = machine.nameOf(address) ?: address.hostAddress

    override fun toString(): String = "<the resolver of $network>"
}
