// SPDX-License-Identifier: Apache-2.0
@file:JvmName("OnLoop")

package dev.simul.netty.grpc

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.eventLoopGroup
import dev.simul.runInExecutor
import dev.simul.shield
import dev.simul.toThread
import dev.simul.wait
import io.grpc.ManagedChannel
import io.grpc.Server
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.channel.socket.nio.NioSocketChannel
import java.util.concurrent.TimeUnit
import kotlin.time.Duration

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
 * A thread of the default executor waits for the start. If the task is cancelled meanwhile, it ends when the server is stopped again.
 *
 * Source: `await server.start()`.
 *
 * @throws java.io.IOException if it cannot listen at its address.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun NettyServerBuilder.start(): Server {
    val server = onLoop().build()
    val starting = getRunningLoop().runInExecutor { server.start() }
    try {
        shield(starting).await()
    } catch (e: Throwable) {
        // While it starts, the thread holds the server's lock, and waits for the loop: the loop must not touch the server before.
        starting.addDoneCallback {
            starting.exception()
            server.shutdownNow()
        }
        wait(listOf(starting))
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
    end(grace, ::shutdown, ::shutdownNow) { awaitTermination(it.inWholeNanoseconds, TimeUnit.NANOSECONDS) }

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
    end(grace, ::shutdown, ::shutdownNow) { awaitTermination(it.inWholeNanoseconds, TimeUnit.NANOSECONDS) }

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
