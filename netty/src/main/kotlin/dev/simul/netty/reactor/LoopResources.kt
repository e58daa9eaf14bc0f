// SPDX-License-Identifier: Apache-2.0
@file:JvmName("ReactorOnLoop")

package dev.simul.netty.reactor

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.ConsolidatingSocketChannel
import dev.simul.netty.SimulEventLoop
import io.netty.channel.Channel
import io.netty.channel.EventLoopGroup
import io.netty.channel.socket.DatagramChannel
import io.netty.channel.socket.ServerSocketChannel
import io.netty.channel.socket.SocketChannel
import io.netty.channel.socket.nio.NioDatagramChannel
import io.netty.channel.socket.nio.NioServerSocketChannel
import reactor.core.publisher.Mono
import reactor.netty.resources.LoopResources
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit

private val all = ConcurrentHashMap<EventLoop, ResourcesOfLoop>()

/**
 * The running loop for reactor-netty, and for drivers and clients that stand on it, such as r2dbc-postgresql and Spring's `WebClient`:
 * whatever takes a `LoopResources`. Their channels, timers and operators then run on the loop, and `dev.simul.reactivestreams` awaits and
 * loops over what they publish, without a crossing between threads.
 *
 * There is one for each loop, made when it is first asked for. `dispose()` closes its channels, and the next call makes another one. When
 * the loop closes, channels that are still open are closed and reported to the loop's exception handler.
 *
 * Writes of one turn are flushed together. From the first call on, `block()` and its like throw an [IllegalStateException] in every thread
 * that runs a loop, rather than stop it.
 *
 * It is for TCP and UDP, and for no domain sockets. Names are the client's business: give those that take one `LoopAddressResolverGroup`.
 * What Reactor gives to schedulers of its own, delays and timeouts above all, comes from their threads. asyncio has no equivalent.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun loopResources(): LoopResources {
    BlockingOperators.refuse()
    val loop = getRunningLoop()
    all[loop]?.let { if (!it.isDisposed) return it }
    return ResourcesOfLoop(loop).also { all[loop] = it }
}

private class ResourcesOfLoop(
    loop: EventLoop,
) : LoopResources {
    private val eventLoop = SimulEventLoop(loop, whenTerminated = { all.remove(loop, this) })

    override fun onServer(useNative: Boolean): EventLoopGroup = eventLoop

    override fun <C : Channel> onChannel(
        channelType: Class<C>,
        group: EventLoopGroup,
    ): C = channelType.cast(kind(channelType).open())

    @Suppress("UNCHECKED_CAST")
    override fun <C : Channel> onChannelClass(
        channelType: Class<C>,
        group: EventLoopGroup,
    ): Class<out C> = kind(channelType).type as Class<out C>

    private fun kind(channelType: Class<out Channel>) =
        requireNotNull(kinds[channelType]) { "a loop has no ${channelType.simpleName}: only ${kinds.keys.map { it.simpleName }}" }

    override fun isDisposed(): Boolean = eventLoop.isShuttingDown

    override fun disposeLater(
        quietPeriod: Duration,
        timeout: Duration,
    ): Mono<Void> =
        Mono.create { sink ->
            eventLoop.shutdownGracefully(quietPeriod.toNanos(), timeout.toNanos(), TimeUnit.NANOSECONDS).addListener { sink.success() }
        }

    override fun toString(): String = "<LoopResources of ${eventLoop.loop}>"
}

private class Kind(
    val type: Class<out Channel>,
    val open: () -> Channel,
)

private val kinds: Map<Class<out Channel>, Kind> =
    mapOf(
        SocketChannel::class.java to Kind(ConsolidatingSocketChannel::class.java, ::ConsolidatingSocketChannel),
        ServerSocketChannel::class.java to Kind(NioServerSocketChannel::class.java, ::NioServerSocketChannel),
        DatagramChannel::class.java to Kind(NioDatagramChannel::class.java, ::NioDatagramChannel),
    )
