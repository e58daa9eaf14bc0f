// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.createTask
import dev.simul.gather
import dev.simul.netty.await
import dev.simul.netty.eventLoopGroup
import dev.simul.wrapFuture
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.resource.DefaultClientResources
import io.lettuce.core.resource.EventLoopGroupProvider
import io.netty.channel.EventLoopGroup
import io.netty.channel.IoEventLoopGroup
import io.netty.util.concurrent.EventExecutorGroup
import java.util.concurrent.TimeUnit
import io.netty.util.concurrent.Future as NettyFuture

// The block of the guide to Netty that needs a Redis; LettuceSamplesTest runs it, the runtime's DocsTest compares.

/** Gives Lettuce the group of the loop, which is not its to shut down. */
class GroupOfLoop(
    private val group: IoEventLoopGroup,
) : EventLoopGroupProvider {
    @Suppress("UNCHECKED_CAST")
    override fun <T : EventLoopGroup> allocate(type: Class<T>): T = group as T

    override fun threadPoolSize(): Int = 1

    override fun release(
        released: EventExecutorGroup,
        quietPeriod: Long,
        timeout: Long,
        unit: TimeUnit,
    ): NettyFuture<Boolean> = group.next().newSucceededFuture(true)

    override fun shutdown(
        quietPeriod: Long,
        timeout: Long,
        unit: TimeUnit,
    ): NettyFuture<Boolean> = group.next().newSucceededFuture(true)
}

suspend fun countVisits(
    port: Int,
    visits: Int,
): Long {
    val group = eventLoopGroup()
    val resources = DefaultClientResources.builder().eventLoopGroupProvider(GroupOfLoop(group)).eventExecutorGroup(group).build()
    val client = RedisClient.create(resources)
    try {
        val connection = wrapFuture(client.connectAsync(StringCodec.UTF8, RedisURI.create("127.0.0.1", port))).await()
        val tasks = List(visits) { createTask { wrapFuture(connection.async().incr("visits")).await() } }
        return gather(*tasks.toTypedArray()).await().max()
    } finally {
        wrapFuture(client.shutdownAsync(0, 1, TimeUnit.SECONDS)).await()
        await(resources.shutdown(0, 1, TimeUnit.SECONDS))
    }
}
