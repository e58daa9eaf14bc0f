// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.gatherResults
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.netty.lettuce.await
import dev.simul.netty.lettuce.redisClient
import dev.simul.queues.Queue
import dev.simul.toThread
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.pubsub.RedisPubSubAdapter
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection

/** Takes jobs from the queue, one after the other. BRPOP blocks its connection, so each worker has one of its own. */
private suspend fun worker(
    client: RedisClient,
    server: RedisURI,
    name: String,
) {
    val connection = await(client.connectAsync(StringCodec.UTF8, server))
    val redis = connection.async()
    try {
        while (true) {
            val word = await(redis.brpop(5.0, "jobs"))?.value ?: continue
            await(redis.hset("results", word, word.reversed()))
            await(redis.publish("progress", "$word is done"))
        }
    } catch (e: CancelledException) {
        println("$name goes home")
        throw e
    } finally {
        await(connection.closeAsync())
    }
}

/** What is published from now on. */
private suspend fun messages(
    connection: StatefulRedisPubSubConnection<String, String>,
    channel: String,
): AsyncGenerator<String, Nothing> {
    val messages = Queue<String>()
    connection.addListener(
        object : RedisPubSubAdapter<String, String>() {
            override fun message(
                channel: String,
                message: String,
            ) = messages.putNowait(message)
        },
    )
    await(connection.async().subscribe(channel))
    return asyncGenerator { while (true) yield(messages.get()) }
}

private suspend fun reverse(
    server: RedisURI,
    words: List<String>,
) {
    val client = redisClient(server)
    try {
        val redis = await(client.connectAsync(StringCodec.UTF8, server)).async()
        val progress = messages(await(client.connectPubSubAsync(StringCodec.UTF8, server)), "progress")
        val workers = List(3) { createTask { worker(client, server, "Worker ${it + 1}") } }
        await(redis.lpush("jobs", *words.toTypedArray()))
        var done = 0
        for (message in progress) {
            println(message)
            if (++done == words.size) break
        }
        val results = words.map { redis.hget("results", it) } // a pipeline
        println(results.map { await(it) }.joinToString(" "))
        workers.forEach { it.cancel() }
        gatherResults(workers).await()
    } finally {
        await(client.shutdownAsync())
    }
}

internal fun redis() =
    run {
        val server = toThread { LocalRedis.start() }
        try {
            reverse(server.uri, listOf("Guido", "Yury", "Nathaniel", "Andrew", "Elizabeth", "Salvatore"))
        } finally {
            toThread { server.close() }
        }
    }
