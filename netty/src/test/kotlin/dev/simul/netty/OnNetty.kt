// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.waitFor
import io.netty.bootstrap.Bootstrap
import io.netty.bootstrap.ServerBootstrap
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled
import io.netty.channel.Channel
import io.netty.channel.ChannelHandler
import io.netty.channel.ChannelInitializer
import io.netty.channel.ChannelOption
import io.netty.channel.IoEventLoopGroup
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.channel.socket.nio.NioSocketChannel
import java.net.InetSocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [body] on a loop with real sockets, for a minute at most. */
internal fun onLoop(
    debug: Boolean? = null,
    body: suspend EventLoop.() -> Unit,
) = runLoop(debug) { waitFor(60.seconds) { getRunningLoop().body() } }

/** What this loop reports to its exception handler from now on. */
internal fun EventLoop.recordReports(): List<ExceptionContext> {
    val reports = mutableListOf<ExceptionContext>()
    exceptionHandler = ExceptionHandler { _, context -> reports += context }
    return reports
}

/** Gives up the turn until [isReached]. */
internal suspend fun until(
    pause: Duration = 1.milliseconds,
    isReached: suspend () -> Boolean,
) {
    while (!isReached()) sleep(pause)
}

/** A server at a port of the loopback interface; each connection has the handlers that [handlers] makes. */
internal suspend fun serve(
    group: IoEventLoopGroup = eventLoopGroup(),
    configure: ServerBootstrap.() -> Unit = {},
    handlers: (Channel) -> List<ChannelHandler>,
): Channel {
    val bootstrap = ServerBootstrap().group(group).channel(NioServerSocketChannel::class.java).childHandler(initializer(handlers))
    val bound = bootstrap.apply(configure).bind("127.0.0.1", 0)
    await(bound)
    return bound.channel()
}

internal fun client(
    group: IoEventLoopGroup = eventLoopGroup(),
    handlers: (Channel) -> List<ChannelHandler>,
): Bootstrap = Bootstrap().group(group).channel(NioSocketChannel::class.java).handler(initializer(handlers))

internal suspend fun connect(
    server: Channel,
    handler: ChannelHandler,
): Channel {
    val connecting = client { listOf(handler) }.connect(server.localAddress())
    await(connecting)
    return connecting.channel()
}

private fun initializer(handlers: (Channel) -> List<ChannelHandler>) =
    object : ChannelInitializer<Channel>() {
        override fun initChannel(channel: Channel) {
            channel.pipeline().addLast(*handlers(channel).toTypedArray())
        }
    }

internal val Channel.port: Int get() = (localAddress() as InetSocketAddress).port

internal fun bytes(text: String): ByteBuf = Unpooled.copiedBuffer(text, Charsets.UTF_8)

internal fun ServerBootstrap.withoutAutoRead(): ServerBootstrap = childOption(ChannelOption.AUTO_READ, false)
