// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.InetAddress

/** The names on a network and their addresses. */
internal class Hosts {
    private val addressesOf = LinkedHashMap<String, List<InetAddress>>().apply { put("localhost", listOf(LOOPBACK)) }

    /** Each address, with the name that it was given first. */
    private val named = HashMap<InetAddress, InetAddress>().apply { put(LOOPBACK, LOOPBACK) }
    private var last = 0

    /** Gives [name] one more address: the next free one of 10.0.0.0/8 if [address] is null. */
    fun add(
        name: String,
        address: InetAddress?,
    ): InetAddress {
        val known = addresses(name).orEmpty()
        val added = InetAddress.getByAddress(name, (address ?: nextFree()).address)
        if (added !in known) addressesOf[keyOf(name)] = known + added
        named.putIfAbsent(added, added)
        return added
    }

    private fun nextFree(): InetAddress {
        while (true) {
            check(last < MOST) { "there are no addresses left in 10.0.0.0/8: name one" }
            last++
            val address = InetAddress.getByAddress(byteArrayOf(10, (last shr 16).toByte(), (last shr 8).toByte(), last.toByte()))
            if (address !in named) return address
        }
    }

    fun addresses(name: String): List<InetAddress>? = addressesOf[keyOf(name)]

    /** As in the DNS: case does not matter (RFC 4343), and a dot may follow. */
    private fun keyOf(name: String) = name.lowercase().removeSuffix(".")

    fun name(address: InetAddress): String? = named[address]?.hostName

    private companion object {
        const val MOST = 0xFFFFFE
        val LOOPBACK: InetAddress = InetAddress.getByAddress("localhost", byteArrayOf(127, 0, 0, 1))
    }
}
