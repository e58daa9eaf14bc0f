// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.FacadeApi
import dev.simul.Task
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.facade.Asyncio
import dev.simul.house.Leftovers
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.netty.RedisServer
import dev.simul.sleep
import io.kotest.matchers.collections.shouldBeEmpty
import io.lettuce.core.ClientOptions
import io.lettuce.core.RedisClient
import io.lettuce.core.api.StatefulRedisConnection
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.resource.ClientResources
import java.util.concurrent.CompletionStage
import kotlin.time.Duration

/** How commands are awaited: by tasks in Kotlin, or by bodies in Java on a carrier. */
@OptIn(FacadeApi::class)
internal class Way(
    private val carrier: Carrier?,
) {
    /** Awaits in a task of its own what [command] returns. */
    fun <T> start(command: () -> CompletionStage<T>): Task<T> =
        createTask { if (carrier == null) await(command()) else bodyOf { Asyncio.await(command()) }.await() }

    fun onLoop(body: suspend EventLoop.() -> Unit) =
        dev.simul.netty.onLoop {
            this@Way.carrier?.let { this.carrier = it }
            body()
        }

    override fun toString(): String = if (carrier == null) "tasks" else "bodies, ${carrier.name}"

    companion object {
        val all: List<Way> = listOf(Way(null)) + Carrier.available().map { Way(it) }
    }
}

/** A server and a client with one connection, of which the loop has nothing left at the end. */
internal class Redis(
    val server: RedisServer,
    val client: RedisClient,
    val connection: StatefulRedisConnection<String, String>,
) {
    val commands = connection.async()

    suspend fun connect(): StatefulRedisConnection<String, String> = await(client.connectAsync(StringCodec.UTF8, server.uri))

    /** How many connections the server has. */
    suspend fun connections(): Int = await(commands.clientList()).lines().count { it.isNotEmpty() }
}

internal suspend fun EventLoop.withRedis(
    resources: ClientResources = clientResources(),
    options: ClientOptions = ClientOptions.create(),
    block: suspend (Redis) -> Unit,
) = RedisServer.start().use { server ->
    val leftovers = Leftovers(this)
    val client = redisClient(server.uri, resources)
    client.options = options
    try {
        block(Redis(server, client, await(client.connectAsync(StringCodec.UTF8, server.uri))))
    } finally {
        await(client.shutdownAsync())
    }
    resources.shutdown()
    repeat(10) { sleep(Duration.ZERO) }
    leftovers.now().shouldBeEmpty()
}
