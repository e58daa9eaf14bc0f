// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.onLoop
import dev.simul.netty.until
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.lettuce.core.LettuceFutures
import io.lettuce.core.RedisClient
import io.lettuce.core.cluster.RedisClusterClient
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.masterreplica.MasterReplica
import io.netty.util.concurrent.BlockingOperationException
import java.util.concurrent.TimeUnit.SECONDS
import java.time.Duration as JavaDuration

/** What blocks fails at once in the loop's thread, whoever calls it, and says what to call; other threads may block. */
@OptIn(FacadeApi::class)
class BlockingCallsTest :
    FunSpec({
        extension(NeedingRedis)

        for (carrier in listOf(null) + Carrier.available()) {
            test(if (carrier == null) "in a task" else "in a body, ${carrier.name}") {
                onLoop {
                    carrier?.let { this.carrier = it }
                    withRedis { redis ->
                        val listening = await(redis.client.connectPubSubAsync(StringCodec.UTF8, redis.server.uri))
                        val calls = blockingCalls(redis) + ("async()" to { listening.sync() })
                        for ((instead, call) in calls) if (carrier == null) refused(instead, call) else bodyOf { refused(instead, call) }.await()
                        // Nothing was sent, and no connection is left.
                        await(redis.commands.get("sent by sync()")) shouldBe null
                        until { redis.connections() == 2 }
                    }
                }
            }
        }

        test("a command that is done may be asked") {
            onLoop {
                withRedis { redis ->
                    val done = redis.commands.echo("done")
                    await(done)
                    done.get() shouldBe "done"
                    done.get(1, SECONDS) shouldBe "done"
                    done.toCompletableFuture().join() shouldBe "done"
                    done.await(1, SECONDS) shouldBe true
                    LettuceFutures.awaitAll(1, SECONDS, done) shouldBe true
                }
            }
        }

        test("what ends at once need not be awaited: a connection and a client are closed in the loop's thread") {
            onLoop {
                withRedis { redis ->
                    val connection = redis.connect()
                    connection.close()
                    connection.isOpen shouldBe false
                    redis.client.shutdown()
                }
            }
        }

        test("other threads may block, while the loop runs") {
            onLoop {
                withRedis { redis ->
                    toThread {
                        redis.client.connect().use { connection ->
                            connection.sync().set("key", "value")
                            connection.sync().get("key") shouldBe "value"
                            connection.async().incr("visits").get() shouldBe 1L
                            LettuceFutures.awaitAll(10, SECONDS, connection.async().incr("visits"), connection.async().incr("visits")) shouldBe
                                true
                        }
                        redis.client.connectPubSub().use { it.sync().ping() shouldBe "PONG" }
                    }
                }
            }
        }

        test("another loop's thread is not this loop's") {
            onLoop {
                val here = getRunningLoop()
                RedisServer.start().use { server ->
                    val client = redisClient(server.uri)
                    toThread { dev.simul.run { client.connect().use { it.sync().ping() } } } shouldBe "PONG"
                    await(client.shutdownAsync())
                }
                here.isInLoop shouldBe true
            }
        }
    })

/** Each with what it should name. */
private fun blockingCalls(redis: Redis): List<Pair<String, () -> Any?>> {
    val pending = { redis.connection.async().echo("pending") }
    val plain = RedisClient.create(clientResources(), redis.server.uri)
    val cluster = RedisClusterClient.create(clientResources(), redis.server.uri)
    return listOf(
        "connectAsync" to { redis.client.connect() },
        "connectAsync" to { redis.client.connect(StringCodec.ASCII) },
        "connectAsync" to { plain.connect(redis.server.uri) },
        "connectPubSubAsync" to { redis.client.connectPubSub() },
        "connectPubSubAsync" to { plain.connectPubSub() },
        "connectSentinelAsync" to { redis.client.connectSentinel() },
        "connectAsync" to { cluster.connect() },
        "connectPubSubAsync" to { cluster.connectPubSub() },
        "refreshPartitionsAsync" to { cluster.partitions },
        "refreshPartitionsAsync" to { cluster.refreshPartitions() },
        "connectAsync" to { MasterReplica.connect(plain, StringCodec.UTF8, redis.server.uri) },
        "async()" to { redis.connection.sync().set("sent by sync()", "") },
        "await(future)" to { pending().get() },
        "await(future)" to { pending().get(30, SECONDS) },
        "await(future)" to { pending().await(30, SECONDS) },
        "await(future)" to { pending().toCompletableFuture().join() },
        "await(future)" to { LettuceFutures.awaitAll(JavaDuration.ofSeconds(30), pending(), pending()) },
        "await(future)" to { LettuceFutures.awaitOrCancel(pending(), 30, SECONDS) },
    )
}

private fun refused(
    instead: String,
    call: () -> Any?,
) {
    val began = System.nanoTime()
    val refusal = generateSequence(shouldThrowAny { call() }) { it.cause }
    withClue({ refusal.joinToString() }) {
        refusal.filterIsInstance<BlockingOperationException>().first().message shouldContain instead
    }
    SECONDS.convert(System.nanoTime() - began, java.util.concurrent.TimeUnit.NANOSECONDS) shouldBeLessThan 20
}
