// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.BindException
import java.net.Inet4Address
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.SocketAddress

/** The sockets that hold an address: of the internet's families, or a path of the Unix domain. */
internal class Ports {
    private class Binding(
        val address: SocketAddress,
        val holder: Watched,
        val isShared: Boolean,
    )

    /** By port, or by path. */
    private val bindings = HashMap<Any, ArrayList<Binding>>()
    private var lastFree = FIRST_FREE - 1

    /**
     * Binds [holder] to [address], at a free port if that is 0; returns the address.
     *
     * @param isShared whether others that are shared too may bind the same.
     * @throws BindException if another socket holds it, or no port is free.
     */
    fun bind(
        holder: Watched,
        address: SocketAddress,
        isShared: Boolean,
    ): SocketAddress {
        val bound = if (address is InetSocketAddress && address.port == 0) InetSocketAddress(address.address, freePort()) else address
        val others = bindings.getOrPut(bound.place) { ArrayList() }
        if (others.any { it.address.overlaps(bound) && !(isShared && it.isShared) }) throw BindException("Address already in use")
        others += Binding(bound, holder, isShared)
        return bound
    }

    private fun freePort(): Int {
        repeat(LAST_FREE - FIRST_FREE + 1) {
            lastFree = if (lastFree == LAST_FREE) FIRST_FREE else lastFree + 1
            if (lastFree !in bindings) return lastFree
        }
        throw BindException("Address already in use: no port is free")
    }

    fun release(
        holder: Watched,
        address: SocketAddress,
    ) {
        val others = bindings[address.place] ?: return
        others.removeIf { it.holder === holder }
        if (others.isEmpty()) bindings.remove(address.place)
    }

    /** The socket, of that [type], for what comes to [address]: of those that share it, one after the other. */
    fun <H : Watched> holderAt(
        address: SocketAddress,
        type: Class<H>,
    ): H? {
        val here = bindings[address.place] ?: return null
        val chosen =
            here
                .filter {
                    type.isInstance(
                        it.holder,
                    ) && it.address.covers(address)
                }.minByOrNull { it.address.breadth } ?: return null
        here.remove(chosen)
        here.add(chosen)
        return type.cast(chosen.holder)
    }

    /** The sockets that are bound to all interfaces, and to that [port]. */
    fun allAt(port: Int): List<Watched> = bindings[port].orEmpty().filter { it.address.breadth > 0 }.map { it.holder }

    private companion object {
        const val FIRST_FREE = 49_152
        const val LAST_FREE = 65_535

        val SocketAddress.place: Any get() = (this as? InetSocketAddress)?.port ?: this

        /** The nearest address is asked first. */
        val SocketAddress.breadth: Int
            get() =
                when {
                    this !is InetSocketAddress || !address.isAnyLocalAddress -> 0
                    address is Inet4Address -> 1
                    else -> 2
                }

        fun SocketAddress.overlaps(other: SocketAddress) = covers(other) || other.covers(this)

        fun SocketAddress.covers(other: SocketAddress) =
            this == other || (this is InetSocketAddress && other is InetSocketAddress && address.covers(other.address))

        /** The wildcard of IPv6 stands for addresses of IPv4 too. */
        fun InetAddress.covers(other: InetAddress) = isAnyLocalAddress && (this !is Inet4Address || other is Inet4Address)
    }
}
