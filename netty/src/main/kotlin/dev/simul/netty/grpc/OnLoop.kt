// SPDX-License-Identifier: Apache-2.0
@file:JvmName("OnLoop")

package dev.simul.netty.grpc

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.eventLoopGroup
import dev.simul.runInExecutor
import dev.simul.toThread
import io.grpc.ManagedChannel
import io.grpc.Server
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.channel.socket.nio.NioSocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Lets the channels of this builder live on the running loop: connections and timers are the loop's, all calls of gRPC come in its
 * thread, and names are looked up by the loop's [resolver][dev.simul.net.resolver].
 *
 * Use them in the loop only, and [close] them before it closes.
 *
 * Source: `grpc.aio.insecure_channel(target)`, `grpc.aio.secure_channel(target, credentials)`.
 *
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public fun NettyChannelBuilder.onLoop(): NettyChannelBuilder {
    val loop = getRunningLoop()
    return eventLoopGroup(loop.eventLoopGroup())
        .channelType(NioSocketChannel::class.java)
        .executor(LoopExecutor(loop))
        .offloadExecutor { loop.runInExecutor(block = it::run) }
        .resolvingNamesOn(loop)
}

/** A builder for an address has no name to look up, and says so. */
@Suppress("DEPRECATION") // Another way, for one channel, there is only with credentials, and as an experiment.
private fun NettyChannelBuilder.resolvingNamesOn(loop: EventLoop): NettyChannelBuilder =
    try {
        nameResolverFactory(LoopNameResolverProvider(loop))
    } catch (_: IllegalStateException) {
        this
    }

/**
 * Lets the servers of this builder live on the running loop: connections and timers are the loop's, and all calls of gRPC come in its
 * thread. [start] does this by itself.
 *
 * A server's own `start()` would block the loop: it is for other threads.
 *
 * Source: `grpc.aio.server()`.
 *
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public fun NettyServerBuilder.onLoop(): NettyServerBuilder {
    val loop = getRunningLoop()
    return bossEventLoopGroup(loop.eventLoopGroup())
        .workerEventLoopGroup(loop.eventLoopGroup())
        .channelType(NioServerSocketChannel::class.java)
        .executor(LoopExecutor(loop))
}

/**
 * Builds a server [onLoop] and starts it.
 *
 * A thread of the default executor waits for the start. If the task is cancelled meanwhile, the server is stopped again.
 *
 * Source: `await server.start()`.
 *
 * @throws java.io.IOException if it cannot listen at its address.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun NettyServerBuilder.start(): Server {
    val server = onLoop().build()
    try {
        toThread { server.start() }
    } catch (e: Throwable) {
        server.shutdownNow()
        throw e
    }
    return server
}

/**
 * Stops this server: it accepts no more calls, and waits for those that there are, but no longer than [grace]; then it cancels them. Null
 * means that it does so at once. It returns when the last connection is closed.
 *
 * If the task is cancelled, the calls are cancelled at once.
 *
 * Source: `await server.stop(grace)`.
 */
@JvmSynthetic
public suspend fun Server.stop(grace: Duration? = null): Unit =
    end(grace, ::shutdown, ::shutdownNow) { awaitTermination(it.inWholeNanoseconds, java.util.concurrent.TimeUnit.NANOSECONDS) }

/**
 * Closes this channel: it takes no more calls, and waits for those that there are, but no longer than [grace]; then it cancels them. Null
 * means that it does so at once. It returns when the last connection is closed.
 *
 * If the task is cancelled, the calls are cancelled at once.
 *
 * Source: `await channel.close(grace)`.
 */
@JvmSynthetic
public suspend fun ManagedChannel.close(grace: Duration? = null): Unit =
    end(grace, ::shutdown, ::shutdownNow) { awaitTermination(it.inWholeNanoseconds, java.util.concurrent.TimeUnit.NANOSECONDS) }

/** gRPC tells nobody of the end, but for a thread that waits. */
private suspend inline fun end(
    grace: Duration?,
    shutdown: () -> Unit,
    shutdownNow: () -> Unit,
    crossinline awaitTermination: (Duration) -> Boolean,
) {
    if (grace != null) {
        shutdown()
        val hasEnded =
            try {
                toThread(interruptOnCancel = true) { awaitTermination(grace) }
            } catch (e: Throwable) {
                shutdownNow()
                throw e
            }
        if (hasEnded) return
    }
    shutdownNow()
    toThread(interruptOnCancel = true) { awaitTermination(Duration.INFINITE) }
}
