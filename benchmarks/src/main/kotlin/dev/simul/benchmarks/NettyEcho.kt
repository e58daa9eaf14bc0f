// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.netty.await
import dev.simul.netty.eventLoopGroup
import io.netty.bootstrap.ServerBootstrap
import io.netty.channel.Channel
import io.netty.channel.ChannelHandler
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelInitializer
import io.netty.channel.ChannelOption
import io.netty.channel.EventLoopGroup
import io.netty.channel.MultiThreadIoEventLoopGroup
import io.netty.channel.nio.NioIoHandler
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.handler.ssl.SslContext
import io.netty.handler.ssl.SslContextBuilder
import io.netty.handler.ssl.SslProvider
import java.io.File

/** Netty's echo, on a thread of its own or on the loop. */
private class Echo : ChannelInboundHandlerAdapter() {
    override fun isSharable() = true

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        context.write(message, context.voidPromise())
    }

    override fun channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /** Otherwise Netty logs each connection that the load resets at its end, and the compilers work on that while the next load is measured. */
    override fun exceptionCaught(
        context: ChannelHandlerContext,
        cause: Throwable,
    ) {
        context.close()
    }
}

private fun bootstrap(
    group: EventLoopGroup,
    handler: ChannelHandler = Echo(),
) = ServerBootstrap()
    .group(group)
    .channel(NioServerSocketChannel::class.java)
    .option(ChannelOption.SO_BACKLOG, 1_024)
    .childHandler(handler)

/** Echoes over the JDK's TLS. */
private class TlsEcho(
    private val context: SslContext,
) : ChannelInitializer<Channel>() {
    override fun initChannel(channel: Channel) {
        channel.pipeline().addLast(context.newHandler(channel.alloc()), Echo())
    }
}

/** Echoes in a thread of Netty's, until the process is stopped. */
internal fun serveByNetty(
    port: Int,
    certificate: File?,
    key: File?,
) {
    val group = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
    val handler =
        if (certificate == null) {
            Echo()
        } else {
            TlsEcho(
                SslContextBuilder.forServer(certificate, key).sslProvider(SslProvider.JDK).build(),
            )
        }
    bootstrap(group, handler).bind("127.0.0.1", port).sync().channel().closeFuture().sync()
}

/** Echoes on the running loop. */
internal suspend fun serveByNettyOnLoop(port: Int): Channel {
    val bound = bootstrap(eventLoopGroup()).bind("127.0.0.1", port)
    await(bound)
    return bound.channel()
}
