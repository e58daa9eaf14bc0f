// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

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
public val MemoryNetwork.resolver: Resolver get() = NetworkResolver(this)

private class NetworkResolver(
    private val network: MemoryNetwork,
) : Resolver {
    override suspend fun getaddrinfo(host: String): List<InetAddress> =
        network.addressesOf(host) ?: throw UnknownHostException("$host: no host of this name is on $network, see addHost")

    override suspend fun getnameinfo(address: InetAddress): String = network.nameOf(address) ?: address.hostAddress

    override fun toString(): String = "<the resolver of $network>"
}
