// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import java.net.ProtocolFamily
import java.nio.channels.Channel
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.spi.AbstractSelector
import java.nio.channels.spi.SelectorProvider

/** Opens what the JDK opens, and notes it; but no sockets of the families that it [lacks]. */
internal class RecordingProvider(
    private val lacks: Set<ProtocolFamily> = emptySet(),
) : SelectorProvider() {
    private val jdk = provider()
    private val channels = mutableListOf<Channel>()

    val opened = mutableListOf<String>()

    /** Whether all that it has opened is closed again. */
    val isAllClosed: Boolean get() = channels.none { it.isOpen }

    private fun <C : Channel> noting(
        what: String,
        channel: C,
    ): C {
        opened += what
        channels += channel
        return channel
    }

    private fun check(family: ProtocolFamily) {
        if (family in lacks) throw UnsupportedOperationException("Protocol family not supported")
    }

    override fun openSelector(): AbstractSelector = jdk.openSelector().also { opened += "selector" }

    override fun openPipe(): Pipe =
        jdk.openPipe().also {
            noting("pipe", it.source())
            channels += it.sink()
        }

    override fun openSocketChannel(): SocketChannel = noting("socket", jdk.openSocketChannel())

    override fun openSocketChannel(family: ProtocolFamily): SocketChannel {
        check(family)
        return noting("socket $family", jdk.openSocketChannel(family))
    }

    override fun openServerSocketChannel(): ServerSocketChannel = noting("server", jdk.openServerSocketChannel())

    override fun openServerSocketChannel(family: ProtocolFamily): ServerSocketChannel {
        check(family)
        return noting("server $family", jdk.openServerSocketChannel(family))
    }

    override fun openDatagramChannel(): DatagramChannel = noting("datagrams", jdk.openDatagramChannel())

    override fun openDatagramChannel(family: ProtocolFamily): DatagramChannel {
        check(family)
        return noting("datagrams $family", jdk.openDatagramChannel(family))
    }

    override fun toString(): String = "<RecordingProvider>"
}
