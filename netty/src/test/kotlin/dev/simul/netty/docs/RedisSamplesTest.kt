// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.interop.bodyOf
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.lettuce.await
import dev.simul.netty.lettuce.redisClient
import dev.simul.netty.onLoop
import dev.simul.netty.until
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.lettuce.core.ClientListArgs
import io.lettuce.core.RedisClient
import io.lettuce.core.api.async.RedisAsyncCommands
import io.lettuce.core.codec.StringCodec

@OptIn(FacadeApi::class)
class RedisSamplesTest :
    FunSpec({
        extension(NeedingRedis)

        fun withRedis(block: suspend (RedisServer, RedisClient, RedisAsyncCommands<String, String>) -> Unit) =
            onLoop {
                RedisServer.start().use { server ->
                    val client = redisClient(server.uri)
                    try {
                        block(server, client, await(client.connectAsync(StringCodec.UTF8, server.uri)).async())
                    } finally {
                        await(client.shutdownAsync())
                    }
                }
            }

        test("a thousand visits by tasks, and more by bodies in Java") {
            withRedis { server, _, _ ->
                countVisits(server.uri, 1_000) shouldBe 1_000L
                bodyOf { RedisSamplesInJava.countVisits(server.uri, 10) }.await() shouldBe 1_010L
            }
        }

        test("names by a pipeline") {
            withRedis { _, _, redis ->
                await(redis.hset("user:1", "name", "Ann"))
                names(redis, listOf(1, 2)) shouldBe listOf("Ann", null)
                bodyOf { RedisSamplesInJava.names(redis, listOf(1, 2)) }.await() shouldBe listOf("Ann", null)
            }
        }

        test("transactions, and a withdrawal that others disturb") {
            withRedis { server, client, redis ->
                await(redis.mset(mapOf("a" to "100", "b" to "0")))
                transfer(redis, "a", "b", 30) shouldBe listOf(70L, 30L)
                bodyOf { RedisSamplesInJava.transfer(redis, "a", "b", 30) }.await() shouldBe listOf(40L, 60L)
                val both = List(4) { createTask { withdraw(client, server.uri, "a", 10) } }
                both.map { it.await() } shouldBe listOf(true, true, true, true)
                await(redis.get("a")) shouldBe "0"
                withdraw(client, server.uri, "a", 1) shouldBe false
                bodyOf { RedisSamplesInJava.withdraw(client, server.uri, "b", 60) }.await() shouldBe true
                bodyOf { RedisSamplesInJava.withdraw(client, server.uri, "b", 60) }.await() shouldBe false
            }
        }

        test("the first alarm among messages") {
            withRedis { server, client, redis ->
                for (first in listOf(
                    suspend { firstAlarm(client, server.uri) },
                    suspend { bodyOf { RedisSamplesInJava.firstAlarm(client, server.uri) }.await() },
                )) {
                    val waiting = createTask { first() }
                    until { redis.subscribers() == 1L }
                    for (message in listOf("calm", "alarm: fire", "calm")) await(redis.publish("news", message))
                    waiting.await() shouldBe "alarm: fire"
                    until { redis.subscribers() == 0L }
                }
            }
        }

        test("keys, page by page") {
            withRedis { _, _, redis ->
                val all = List(1_000) { "key:$it" }
                await(redis.mset(all.associateWith { "" } + ("other" to "")))
                val found = ArrayList<String>()
                for (key in keys(redis, "key:*")) found += key
                found.distinct() shouldContainExactlyInAnyOrder all
                val inJava = ArrayList<String>()
                bodyOf { for (key in RedisSamplesInJava.keys(redis, "key:*")) inJava += key }.await()
                inJava.distinct() shouldContainExactlyInAnyOrder all
            }
        }

        test("workers take jobs, and leave nothing when they are cancelled") {
            withRedis { server, client, redis ->
                val done = ArrayList<String>()
                val workers =
                    listOf(
                        createTask { work(client, server.uri) { done += it } },
                        createTask { bodyOf { RedisSamplesInJava.work(client, server.uri) { done += it } }.await() },
                    )
                await(redis.lpush("jobs", *Array(10) { "job $it" }))
                until { done.size == 10 }
                done shouldContainExactlyInAnyOrder List(10) { "job $it" }
                until { await(redis.llen("running")) == 0L }
                for (worker in workers) {
                    worker.cancel()
                    shouldThrow<CancelledException> { worker.await() }
                }
                until { await(redis.clientList(ClientListArgs.Builder.typeNormal())).lines().count { it.isNotEmpty() } == 1 }
            }
        }

        test("a greeting, in time or not") {
            withRedis { _, _, redis ->
                greeting(redis, 1) shouldBe "Welcome!"
                await(redis.set("greeting:1", "Hello, Ann!"))
                greeting(redis, 1) shouldBe "Hello, Ann!"
                bodyOf { RedisSamplesInJava.greeting(redis, 1) }.await() shouldBe "Hello, Ann!"
                await(redis.clientPause(300))
                greeting(redis, 1) shouldBe "Welcome back!"
                bodyOf { RedisSamplesInJava.greeting(redis, 1) }.await() shouldBe "Welcome back!"
            }
        }

        test("settings of one's own") {
            onLoop {
                settings().reconnectDelay().createDelay(7).toMillis() shouldBe 10
                bodyOf { RedisSamplesInJava.settings().reconnectDelay().createDelay(7).toMillis() }.await() shouldBe 10
            }
        }

        test("a cluster of one node") {
            onLoop {
                RedisServer.start("--cluster-enabled", "yes").use { server ->
                    val client = redisClient(server.uri)
                    val redis = await(client.connectAsync(StringCodec.UTF8, server.uri)).async()
                    await(redis.clusterAddSlots(*IntArray(16_384) { it }))
                    until { "cluster_state:ok" in await(redis.clusterInfo()) }
                    visitsInCluster(server.uri) shouldBe 1L
                    bodyOf { RedisSamplesInJava.visitsInCluster(server.uri) }.await() shouldBe 2L
                    await(client.shutdownAsync())
                }
            }
        }
    })

private suspend fun RedisAsyncCommands<String, String>.subscribers(): Long? = await(pubsubNumsub("news"))["news"]
