// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.netty.SimulEventLoop
import io.lettuce.core.resource.EventLoopGroupProvider
import io.netty.channel.EventLoopGroup
import io.netty.channel.nio.NioEventLoopGroup
import io.netty.util.concurrent.EventExecutorGroup
import io.netty.util.concurrent.Future
import java.util.concurrent.TimeUnit

/** Gives each client the group of the loop, which is not Lettuce's to shut down. */
internal class LoopGroupProvider(
    private val eventLoop: SimulEventLoop,
) : EventLoopGroupProvider {
    @Suppress("UNCHECKED_CAST", "DEPRECATION") // Lettuce asks by the deprecated class, and takes any group.
    override fun <T : EventLoopGroup> allocate(type: Class<T>): T {
        check(type.isAssignableFrom(NioEventLoopGroup::class.java)) {
            nativeTransport(type.simpleName)
        }
        return eventLoop as T
    }

    override fun threadPoolSize(): Int = 1

    override fun release(
        eventLoopGroup: EventExecutorGroup,
        quietPeriod: Long,
        timeout: Long,
        unit: TimeUnit,
    ): Future<Boolean> = eventLoop.newSucceededFuture(true)

    override fun shutdown(
        quietPeriod: Long,
        timeout: Long,
        timeUnit: TimeUnit,
    ): Future<Boolean> = eventLoop.newSucceededFuture(true)
}

/** The refusal of [what], which is not of `java.nio`. */
internal fun nativeTransport(what: String): String =
    "Lettuce asks for $what, and the loop watches channels of java.nio: switch native transports off by " +
        "-Dio.lettuce.core.epoll=false, -Dio.lettuce.core.iouring=false or -Dio.lettuce.core.kqueue=false, or make the client by " +
        "redisClient(); and give an address instead of the path of a socket"
