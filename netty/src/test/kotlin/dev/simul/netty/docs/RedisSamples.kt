// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.netty.lettuce.await
import dev.simul.netty.lettuce.clientResources
import dev.simul.netty.lettuce.redisClient
import dev.simul.queues.Queue
import dev.simul.timeout
import io.lettuce.core.LMoveArgs
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.ScanArgs
import io.lettuce.core.ScanCursor
import io.lettuce.core.api.async.RedisAsyncCommands
import io.lettuce.core.cluster.RedisClusterClient
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.pubsub.RedisPubSubAdapter
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection
import io.lettuce.core.resource.ClientResources
import io.lettuce.core.resource.Delay
import kotlin.time.Duration.Companion.milliseconds
import java.time.Duration as JavaDuration

// The blocks of the guide to Redis; RedisSamplesTest runs them, the runtime's DocsTest compares.

suspend fun countVisits(
    server: RedisURI,
    visits: Int,
): Long {
    val client = redisClient(server)
    try {
        val redis = await(client.connectAsync(StringCodec.UTF8, server)).async()
        val tasks = List(visits) { createTask { await(redis.incr("visits")) } }
        return gather(tasks).await().max()
    } finally {
        await(client.shutdownAsync())
    }
}

suspend fun names(
    redis: RedisAsyncCommands<String, String>,
    users: List<Int>,
): List<String?> {
    val answers = users.map { redis.hget("user:$it", "name") }
    return answers.map { await(it) }
}

suspend fun transfer(
    redis: RedisAsyncCommands<String, String>,
    from: String,
    to: String,
    amount: Long,
): List<Long> {
    redis.multi()
    redis.decrby(from, amount)
    redis.incrby(to, amount)
    return await(redis.exec()).map { it as Long }
}

suspend fun withdraw(
    client: RedisClient,
    server: RedisURI,
    account: String,
    amount: Long,
): Boolean {
    val connection = await(client.connectAsync(StringCodec.UTF8, server))
    try {
        val redis = connection.async()
        while (true) {
            await(redis.watch(account))
            val balance = await(redis.get(account)).toLong()
            if (balance < amount) return false
            redis.multi()
            redis.set(account, "${balance - amount}")
            if (!await(redis.exec()).wasDiscarded()) return true
        }
    } finally {
        await(connection.closeAsync())
    }
}

suspend fun messages(
    connection: StatefulRedisPubSubConnection<String, String>,
    channel: String,
): AsyncGenerator<String, Nothing> {
    val messages = Queue<String>()
    connection.addListener(
        object : RedisPubSubAdapter<String, String>() {
            override fun message(
                of: String,
                message: String,
            ) {
                if (of == channel) messages.putNowait(message)
            }
        },
    )
    await(connection.async().subscribe(channel))
    return asyncGenerator { while (true) yield(messages.get()) }
}

suspend fun firstAlarm(
    client: RedisClient,
    server: RedisURI,
): String {
    val connection = await(client.connectPubSubAsync(StringCodec.UTF8, server))
    try {
        for (message in messages(connection, "news")) if (message.startsWith("alarm")) return message
        error("messages do not end")
    } finally {
        await(connection.closeAsync())
    }
}

fun keys(
    redis: RedisAsyncCommands<String, String>,
    pattern: String,
): AsyncGenerator<String, Nothing> =
    asyncGenerator {
        var cursor = ScanCursor.INITIAL
        while (!cursor.isFinished) {
            val page = await(redis.scan(cursor, ScanArgs().match(pattern).limit(100)))
            for (key in page.keys) yield(key)
            cursor = page
        }
    }

suspend fun work(
    client: RedisClient,
    server: RedisURI,
    handle: suspend (String) -> Unit,
) {
    val connection = await(client.connectAsync(StringCodec.UTF8, server))
    try {
        val redis = connection.async()
        while (true) {
            val job = await(redis.blmove("jobs", "running", LMoveArgs.Builder.rightLeft(), 5.0)) ?: continue
            handle(job)
            await(redis.lrem("running", 1, job))
        }
    } finally {
        await(connection.closeAsync())
    }
}

suspend fun greeting(
    redis: RedisAsyncCommands<String, String>,
    user: Int,
): String =
    try {
        timeout(50.milliseconds) { await(redis.get("greeting:$user")) } ?: "Welcome!"
    } catch (_: TimeoutException) {
        "Welcome back!"
    }

fun settings(): ClientResources =
    clientResources(consolidateFlushes = false) {
        it.reconnectDelay(Delay.constant(JavaDuration.ofMillis(10)))
    }

suspend fun visitsInCluster(server: RedisURI): Long {
    val client = RedisClusterClient.create(clientResources(), server)
    try {
        await(client.refreshPartitionsAsync())
        val redis = await(client.connectAsync(StringCodec.UTF8)).async()
        return await(redis.incr("visits"))
    } finally {
        await(client.shutdownAsync())
    }
}
