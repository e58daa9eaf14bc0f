// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import dev.simul.facade.Asyncio
import dev.simul.netty.lettuce.await
import dev.simul.netty.lettuce.clientResources
import dev.simul.netty.lettuce.redisClient
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.api.async.RedisAsyncCommands
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.resource.ClientResources
import io.lettuce.core.resource.DefaultClientResources
import io.lettuce.core.resource.NettyCustomizer
import io.netty.channel.Channel
import io.netty.handler.flush.FlushConsolidationHandler
import java.util.concurrent.CompletionStage

/** Gets one value again and again. */
internal class RedisConnection private constructor(
    private val commands: RedisAsyncCommands<String, String>,
) : Connection {
    private fun get(): CompletionStage<String> = commands.get(KEY)

    override suspend fun ask() {
        await(get())
    }

    override fun askInBody() {
        Asyncio.await(get())
    }

    companion object {
        private const val KEY = "greeting"

        suspend fun of(
            port: Int,
            onLoop: Boolean,
            consolidatesFlushes: Boolean,
        ): RedisConnection {
            val uri = RedisURI.create("127.0.0.1", port)
            val client =
                if (onLoop) {
                    redisClient(uri, clientResources(consolidatesFlushes) {})
                } else {
                    RedisClient.create(ofThreads(consolidatesFlushes), uri)
                }
            val commands = await(client.connectAsync(StringCodec.UTF8, uri)).async()
            await(commands.set(KEY, "hello, world"))
            return RedisConnection(commands)
        }

        private fun ofThreads(consolidatesFlushes: Boolean): ClientResources {
            val builder = DefaultClientResources.builder()
            if (consolidatesFlushes) builder.nettyCustomizer(Consolidating)
            return builder.build()
        }
    }

    /** What the loop's own resources do. */
    private object Consolidating : NettyCustomizer {
        override fun afterChannelInitialized(channel: Channel) {
            channel.pipeline().addFirst(FlushConsolidationHandler(32, true))
        }
    }
}
