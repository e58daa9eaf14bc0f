// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.loop.EventLoop
import io.lettuce.core.RedisChannelWriter
import io.lettuce.core.StatefulRedisConnectionImpl
import io.lettuce.core.api.sync.RedisCommands
import io.lettuce.core.codec.RedisCodec
import io.lettuce.core.json.JsonParser
import io.lettuce.core.protocol.PushHandler
import io.lettuce.core.pubsub.PubSubEndpoint
import io.lettuce.core.pubsub.StatefulRedisPubSubConnectionImpl
import io.lettuce.core.pubsub.api.sync.RedisPubSubCommands
import java.time.Duration
import java.util.function.Supplier

/** A connection that refuses in the loop's thread what would block there. */
internal class LoopConnection<K : Any, V : Any>(
    writer: RedisChannelWriter,
    pushHandler: PushHandler,
    codec: RedisCodec<K, V>,
    timeout: Duration,
    private val jsonParser: Supplier<JsonParser>,
) : StatefulRedisConnectionImpl<K, V>(writer, pushHandler, codec, timeout, jsonParser) {
    /** Called by the super constructor, before there is a parser. */
    override fun newRedisAsyncCommandsImpl() = LoopCommands(this, codec, channelWriter.loop) { jsonParser.get() }

    override fun sync(): RedisCommands<K, V> {
        refuseBlocking(channelWriter.loop, "sync()", "async()")
        return super.sync()
    }

    override fun close() = closeAsync().joinUnlessIn(channelWriter.loop, "close()", "closeAsync()")
}

/** As [LoopConnection], for subscriptions. */
internal class LoopPubSubConnection<K : Any, V : Any>(
    endpoint: PubSubEndpoint<K, V>,
    writer: RedisChannelWriter,
    codec: RedisCodec<K, V>,
    timeout: Duration,
) : StatefulRedisPubSubConnectionImpl<K, V>(endpoint, writer, codec, timeout) {
    override fun newRedisAsyncCommandsImpl() = LoopPubSubCommands(this, codec, channelWriter.loop)

    override fun sync(): RedisPubSubCommands<K, V> {
        refuseBlocking(channelWriter.loop, "sync()", "async()")
        return super.sync()
    }

    override fun close() = closeAsync().joinUnlessIn(channelWriter.loop, "close()", "closeAsync()")
}

private val RedisChannelWriter.loop: EventLoop get() = (clientResources as LoopClientResources).loop
