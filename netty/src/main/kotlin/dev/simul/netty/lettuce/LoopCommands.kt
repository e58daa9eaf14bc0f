// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.loop.EventLoop
import io.lettuce.core.RedisAsyncCommandsImpl
import io.lettuce.core.api.StatefulConnection
import io.lettuce.core.api.StatefulRedisConnection
import io.lettuce.core.codec.RedisCodec
import io.lettuce.core.json.JsonParser
import io.lettuce.core.protocol.AsyncCommand
import io.lettuce.core.protocol.RedisCommand
import io.lettuce.core.pubsub.RedisPubSubAsyncCommandsImpl
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection
import java.util.concurrent.TimeUnit
import java.util.function.Supplier

/** The commands of a connection, whose futures do not block the loop. */
internal class LoopCommands<K : Any, V : Any>(
    private val connection: StatefulRedisConnection<K, V>,
    codec: RedisCodec<K, V>,
    private val loop: EventLoop,
    jsonParser: Supplier<JsonParser>,
) : RedisAsyncCommandsImpl<K, V>(connection, codec, jsonParser) {
    override fun <T> dispatch(command: RedisCommand<K, V, T>): AsyncCommand<K, V, T> = connection.send(command, loop)
}

/** As [LoopCommands], with those of subscriptions. */
internal class LoopPubSubCommands<K : Any, V : Any>(
    private val connection: StatefulRedisPubSubConnection<K, V>,
    codec: RedisCodec<K, V>,
    private val loop: EventLoop,
) : RedisPubSubAsyncCommandsImpl<K, V>(connection, codec) {
    override fun <T> dispatch(command: RedisCommand<K, V, T>): AsyncCommand<K, V, T> = connection.send(command, loop)
}

/** The connection gives back another future for a command of a transaction, which is done when the transaction is. */
private fun <K : Any, V : Any, T> StatefulConnection<K, V>.send(
    command: RedisCommand<K, V, T>,
    loop: EventLoop,
): AsyncCommand<K, V, T> {
    val future = LoopCommand(command, loop)
    return dispatch(future) as? AsyncCommand<K, V, T> ?: future
}

/** A command as a future whose ways of blocking fail at once in the thread of [loop], unless it is done. */
private class LoopCommand<K : Any, V : Any, T>(
    command: RedisCommand<K, V, T>,
    private val loop: EventLoop,
) : AsyncCommand<K, V, T>(command) {
    override fun get(): T {
        refuse("RedisFuture.get()")
        return super.get()
    }

    /** Also what `await(timeout, unit)` calls, and with it commands of `sync()`. */
    override fun get(
        timeout: Long,
        unit: TimeUnit,
    ): T {
        refuse("RedisFuture.get(timeout, unit)")
        return super.get(timeout, unit)
    }

    override fun join(): T {
        refuse("RedisFuture.join()")
        return super.join()
    }

    private fun refuse(method: String) {
        if (!isDone) refuseBlocking(loop, method, "await(future)")
    }
}
