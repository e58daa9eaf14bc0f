// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import io.lettuce.core.ConnectionBuilder
import io.lettuce.core.ConnectionFuture
import io.lettuce.core.ConnectionPoint
import io.lettuce.core.RedisChannelWriter
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.api.StatefulConnection
import io.lettuce.core.api.StatefulRedisConnection
import io.lettuce.core.codec.RedisCodec
import io.lettuce.core.protocol.PushHandler
import io.lettuce.core.pubsub.PubSubEndpoint
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection
import io.netty.channel.socket.nio.NioSocketChannel
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** A client on a loop, whose connections know that. */
internal class LoopRedisClient(
    private val ofLoop: LoopClientResources,
    uri: RedisURI,
) : RedisClient(ofLoop, uri) {
    /** Channels of NIO, also where Lettuce finds native transports, which it prefers; these alone have sockets with a path. */
    override fun channelType(
        connectionBuilder: ConnectionBuilder,
        connectionPoint: ConnectionPoint,
    ) {
        if (!connectionPoint.socket.isNullOrEmpty()) return super.channelType(connectionBuilder, connectionPoint)
        connectionBuilder.bootstrap().group(ofLoop.eventLoop).channel(NioSocketChannel::class.java)
    }

    override fun <K : Any, V : Any> newStatefulRedisConnection(
        channelWriter: RedisChannelWriter,
        pushHandler: PushHandler,
        codec: RedisCodec<K, V>,
        timeout: Duration,
    ) = LoopConnection(channelWriter, pushHandler, codec, timeout, options.jsonParser)

    override fun <K : Any, V : Any> newStatefulRedisPubSubConnection(
        endpoint: PubSubEndpoint<K, V>,
        channelWriter: RedisChannelWriter,
        codec: RedisCodec<K, V>,
        timeout: Duration,
    ) = LoopPubSubConnection(endpoint, channelWriter, codec, timeout)

    override fun <K : Any, V : Any> connectAsync(
        codec: RedisCodec<K, V>,
        redisURI: RedisURI,
    ): ConnectionFuture<StatefulRedisConnection<K, V>> = closedWhenCancelled(super.connectAsync(codec, redisURI))

    override fun <K : Any, V : Any> connectPubSubAsync(
        codec: RedisCodec<K, V>,
        redisURI: RedisURI,
    ): ConnectionFuture<StatefulRedisPubSubConnection<K, V>> = closedWhenCancelled(super.connectPubSubAsync(codec, redisURI))

    override fun shutdown(
        quietPeriod: Long,
        timeout: Long,
        timeUnit: TimeUnit,
    ) = shutdownAsync(quietPeriod, timeout, timeUnit).joinUnlessIn(ofLoop.loop, "RedisClient.shutdown()", "shutdownAsync()")
}

private fun <C : StatefulConnection<*, *>> closedWhenCancelled(connecting: ConnectionFuture<C>): ConnectionFuture<C> =
    ConnectionFuture.from(connecting.remoteAddress, Connecting(connecting))

/** An attempt to connect. Lettuce goes on with one that is cancelled; so its connection is closed as soon as it is there. */
internal class Connecting<C : StatefulConnection<*, *>>(
    attempt: ConnectionFuture<C>,
) : CompletableFuture<C>() {
    init {
        attempt.whenComplete { connection, error ->
            if (error != null) {
                completeExceptionally(error)
            } else if (!complete(connection)) {
                connection.closeAsync()
            }
        }
    }

    /** Nobody wants the connection, which may be there already. */
    fun giveUp() {
        if (!cancel(true) && !isCompletedExceptionally) join().closeAsync()
    }
}
