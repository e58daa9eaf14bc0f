// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import dev.simul.netty.await
import dev.simul.netty.eventLoopGroup
import dev.simul.sleep
import io.netty.bootstrap.Bootstrap
import io.netty.bootstrap.ServerBootstrap
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled.copiedBuffer
import io.netty.channel.Channel
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.SimpleChannelInboundHandler
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.channel.socket.nio.NioSocketChannel
import java.net.SocketAddress
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours

// The blocks of the guide to Netty; NettySamplesTest runs them, the runtime's DocsTest compares.

suspend fun echoServer(): Channel {
    val bootstrap =
        ServerBootstrap()
            .group(eventLoopGroup())
            .channel(NioServerSocketChannel::class.java)
            .childHandler(
                object : ChannelInboundHandlerAdapter() {
                    override fun isSharable() = true

                    override fun channelRead(
                        context: ChannelHandlerContext,
                        message: Any,
                    ) {
                        context.writeAndFlush(message)
                    }
                },
            )
    val bound = bootstrap.bind("127.0.0.1", 0)
    await(bound)
    return bound.channel()
}

suspend fun ask(
    server: SocketAddress,
    question: String,
): String {
    val answer = getRunningLoop().createFuture<String>()
    val bootstrap =
        Bootstrap().group(eventLoopGroup()).channel(NioSocketChannel::class.java).handler(
            object : SimpleChannelInboundHandler<ByteBuf>() {
                override fun channelRead0(
                    context: ChannelHandlerContext,
                    message: ByteBuf,
                ) {
                    if (!answer.done()) answer.setResult(message.toString(Charsets.UTF_8))
                }
            },
        )
    val connecting = bootstrap.connect(server)
    try {
        await(connecting)
        await(connecting.channel().writeAndFlush(copiedBuffer(question, Charsets.UTF_8)))
        return answer.await()
    } finally {
        connecting.channel().close()
    }
}

suspend fun beats(count: Int): List<Duration> {
    val loop = getRunningLoop()
    val times = ArrayList<Duration>()
    val beating = eventLoopGroup().scheduleAtFixedRate({ times += loop.time() }, 1, 1, TimeUnit.HOURS)
    sleep(count.hours)
    beating.cancel(false)
    return times
}
