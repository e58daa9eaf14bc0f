// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.netty.await
import dev.simul.netty.eventLoopGroup
import io.netty.bootstrap.ServerBootstrap
import io.netty.channel.Channel
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.EventLoopGroup
import io.netty.channel.MultiThreadIoEventLoopGroup
import io.netty.channel.nio.NioIoHandler
import io.netty.channel.socket.nio.NioServerSocketChannel

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

private fun bootstrap(group: EventLoopGroup) =
    ServerBootstrap().group(group).channel(NioServerSocketChannel::class.java).childHandler(Echo())

/** Echoes in a thread of Netty's, until the process is stopped. */
internal fun serveByNetty(port: Int) {
    val group = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
    bootstrap(group).bind("127.0.0.1", port).sync().channel().closeFuture().sync()
}

/** Echoes on the running loop. */
internal suspend fun serveByNettyOnLoop(port: Int): Channel {
    val bound = bootstrap(eventLoopGroup()).bind("127.0.0.1", port)
    await(bound)
    return bound.channel()
}
