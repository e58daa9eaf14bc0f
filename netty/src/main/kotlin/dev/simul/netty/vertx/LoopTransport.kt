// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.netty.SimulEventLoop
import io.netty.channel.Channel
import io.netty.channel.ChannelFactory
import io.netty.channel.EventLoopGroup
import io.netty.channel.IoHandlerFactory
import io.netty.channel.ServerChannel
import io.netty.channel.nio.NioIoHandler
import io.netty.channel.socket.DatagramChannel
import io.netty.channel.socket.SocketProtocolFamily
import io.netty.channel.socket.nio.NioDatagramChannel
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.vertx.core.transport.Transport
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.util.concurrent.ThreadFactory
import io.vertx.core.net.SocketAddress as VertxAddress
import io.vertx.core.spi.transport.Transport as TransportProvider

/** The transport of Vert.x whose event loops are [eventLoop]. */
internal class LoopTransport(
    private val eventLoop: SimulEventLoop,
) : Transport,
    TransportProvider {
    override fun name(): String = "the event loop of Simul"

    override fun available(): Boolean = true

    override fun isAvailable(): Boolean = true

    override fun unavailabilityCause(): Throwable? = null

    override fun implementation(): TransportProvider = this

    override fun eventLoopGroup(
        type: Int,
        nThreads: Int,
        threadFactory: ThreadFactory,
        ioRatio: Int,
    ): EventLoopGroup = eventLoop

    override fun ioHandlerFactory(): IoHandlerFactory = NioIoHandler.newFactory()

    override fun datagramChannel(): DatagramChannel = NioDatagramChannel()

    @Suppress("DEPRECATION")
    override fun datagramChannel(family: io.netty.channel.socket.InternetProtocolFamily): DatagramChannel = NioDatagramChannel(family)

    /** What newer versions of Vert.x call instead. */
    fun datagramChannel(family: SocketProtocolFamily): DatagramChannel = NioDatagramChannel(family)

    override fun channelFactory(domainSocket: Boolean): ChannelFactory<out Channel> {
        checkInet(domainSocket)
        return ChannelFactory { VertxSocketChannel() }
    }

    override fun serverChannelFactory(domainSocket: Boolean): ChannelFactory<out ServerChannel> {
        checkInet(domainSocket)
        return ChannelFactory { NioServerSocketChannel() }
    }

    private fun checkInet(domainSocket: Boolean) =
        require(!domainSocket) { "Vert.x on a loop has no domain sockets: connect to a host and a port" }

    /** A name stays one: Vert.x would look it up by a client of DNS of its own, before the channel is asked to connect. */
    override fun convert(address: VertxAddress): SocketAddress {
        val converted = super<TransportProvider>.convert(address)
        return if (converted is InetSocketAddress && converted.isUnresolved) HostName(converted) else converted
    }
}
