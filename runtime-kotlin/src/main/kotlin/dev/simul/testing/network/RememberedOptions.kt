// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.ProtocolFamily
import java.net.SocketOption
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions.IP_TOS
import java.net.StandardSocketOptions.SO_BROADCAST
import java.net.StandardSocketOptions.SO_KEEPALIVE
import java.net.StandardSocketOptions.SO_LINGER
import java.net.StandardSocketOptions.SO_RCVBUF
import java.net.StandardSocketOptions.SO_REUSEADDR
import java.net.StandardSocketOptions.SO_REUSEPORT
import java.net.StandardSocketOptions.SO_SNDBUF
import java.net.StandardSocketOptions.TCP_NODELAY

/** The options of a socket, which keep the values they are given. */
internal class RememberedOptions private constructor(
    defaults: Map<SocketOption<*>, Any>,
) {
    private val values = HashMap(defaults)

    val names: Set<SocketOption<*>> = defaults.keys

    operator fun <T> get(name: SocketOption<T>): T = name.type().cast(values[name] ?: throw unsupported(name))

    operator fun <T> set(
        name: SocketOption<T>,
        value: T,
    ) {
        if (name !in values) throw unsupported(name)
        require(name.type().isInstance(value)) { "the value of $name is $value: it must be a ${name.type().simpleName}" }
        values[name] = value!!
    }

    private fun unsupported(name: SocketOption<*>) = UnsupportedOperationException("'$name' not supported")

    companion object {
        private val BUFFERS = mapOf<SocketOption<*>, Any>(SO_RCVBUF to Endpoint.WINDOW, SO_SNDBUF to Endpoint.WINDOW)
        private val OF_STREAMS = BUFFERS + mapOf(SO_LINGER to -1)
        private val OF_TCP =
            OF_STREAMS +
                mapOf(SO_KEEPALIVE to false, SO_REUSEADDR to false, SO_REUSEPORT to false, TCP_NODELAY to false, IP_TOS to 0)
        private val OF_SERVERS = mapOf<SocketOption<*>, Any>(SO_RCVBUF to Endpoint.WINDOW)
        private val OF_TCP_SERVERS = OF_SERVERS + mapOf(SO_REUSEADDR to true, SO_REUSEPORT to false)

        private val OF_DATAGRAMS =
            BUFFERS + mapOf(SO_BROADCAST to false, SO_REUSEADDR to false, SO_REUSEPORT to false, IP_TOS to 0)

        fun ofDatagrams() = RememberedOptions(OF_DATAGRAMS)

        fun ofStream(family: ProtocolFamily) = RememberedOptions(if (family == StandardProtocolFamily.UNIX) OF_STREAMS else OF_TCP)

        fun ofServer(family: ProtocolFamily) = RememberedOptions(if (family == StandardProtocolFamily.UNIX) OF_SERVERS else OF_TCP_SERVERS)
    }
}
