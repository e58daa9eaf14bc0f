// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.lettuce.core.codec.StringCodec
import kotlin.time.Duration

/** What is left open when the loop closes, or when a client is shut down. */
class ClosingTest :
    FunSpec({
        extension(NeedingRedis)

        test("connections that are open when the loop closes are closed and reported, and nobody connects again") {
            lateinit var started: RedisServer
            onLoop { started = RedisServer.start() }
            started.use { server ->
                val loop = EventLoop()
                val reports = loop.recordReports()
                loop.use {
                    loop.runUntilComplete {
                        val client = redisClient(server.uri)
                        val connections = List(3) { await(client.connectAsync(StringCodec.UTF8, server.uri)) }
                        connections.forEach { createTask { await(it.async().blpop(0L, "nothing")) } }
                        sleep(Duration.ZERO)
                    }
                }
                reports.map { it.message }.filter { "was open when its loop closed" in it } shouldHaveSize 3
                reports.filter { it.exception != null && "handle" in it.details }.shouldBeEmpty()
                onLoop {
                    val client = redisClient(server.uri)
                    val redis = await(client.connectAsync(StringCodec.UTF8, server.uri)).async()
                    until { await(redis.clientList()).lines().count { it.isNotEmpty() } == 1 }
                    await(client.shutdownAsync())
                }
            }
        }

        test("what waits when a client is shut down ends") {
            onLoop {
                withRedis { redis ->
                    val waiting = createTask { await(redis.commands.blpop(0L, "nothing")) }
                    until { "blocked_clients:1" in await(redis.connect().async().info("clients")) }
                    await(redis.client.shutdownAsync())
                    shouldThrowAny { waiting.await() }
                    waiting.done() shouldBe true
                    shouldThrowAny { await(redis.commands.ping()) }
                }
            }
        }

        test("a client whose resources were shut down does not connect, and says why") {
            onLoop {
                val resources = clientResources {}
                RedisServer.start().use { server ->
                    val client = redisClient(server.uri, resources)
                    resources.shutdown()
                    val error = shouldThrowAny { await(client.connectAsync(StringCodec.UTF8, server.uri)) }
                    generateSequence<Throwable>(error) { it.cause }.any { "were shut down" in it.message.orEmpty() } shouldBe true
                    await(client.shutdownAsync())
                }
            }
        }

        test("cancelling a shutdown lets it go on") {
            onLoop {
                withRedis { redis ->
                    val closing = createTask { await(redis.client.shutdownAsync()) }
                    sleep(Duration.ZERO)
                    closing.cancel()
                    runCatching { closing.await() }.exceptionOrNull()?.shouldBeInstanceOf<CancelledException>()
                    until { !redis.connection.isOpen }
                }
            }
        }
    })
