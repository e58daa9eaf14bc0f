// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.await
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.lettuce.core.RedisCommandExecutionException
import io.lettuce.core.RedisConnectionException
import io.lettuce.core.RedisFuture
import io.lettuce.core.RedisURI
import io.lettuce.core.codec.StringCodec
import java.net.ServerSocket
import java.util.concurrent.CompletionStage
import kotlin.time.Duration
import kotlinx.coroutines.future.await as awaitStage
import java.util.concurrent.Future as JavaFuture

/** Lettuce's futures are stages and `java.util.concurrent.Future`s at once: neither language has to choose. */
@OptIn(FacadeApi::class)
class FuturesTest :
    FunSpec({
        extension(NeedingRedis)

        test("in Kotlin") {
            onLoop {
                withRedis { redis ->
                    val commands = redis.commands
                    val command: RedisFuture<String> = commands.echo("a command")
                    await(command) shouldBe "a command"
                    await(commands.echo("in place")) shouldBe "in place"
                    val stage: CompletionStage<String> = commands.echo("a stage")
                    await(stage) shouldBe "a stage"
                    await(commands.echo("a future").toCompletableFuture()) shouldBe "a future"
                    wrapFuture(commands.echo("wrapped")).await() shouldBe "wrapped"
                    wrapFuture(stage).await() shouldBe "a stage"
                    wrapFuture(commands.echo("a plain future") as JavaFuture<String>).await() shouldBe "a plain future"
                    commands.echo("by kotlinx").awaitStage() shouldBe "by kotlinx"
                    gather(wrapFuture(commands.echo("one")), wrapFuture(commands.echo("two"))).await() shouldContainExactly
                        listOf("one", "two")
                    await(commands.get("nothing")).shouldBeNull()
                    await(clientResources {}.shutdown()) shouldBe true
                }
            }
        }

        for (carrier in Carrier.available()) {
            test("in Java, ${carrier.name}") {
                onLoop {
                    this.carrier = carrier
                    RedisServer.start().use { server ->
                        bodyOf { RedisFuturesInJava.everyKind(server.uri) }.await() shouldContainExactly
                            listOf(
                                "a command",
                                "in place",
                                "a stage",
                                "a future",
                                "a plain future",
                                11,
                                "a class",
                                "wrapped",
                                "one",
                                "two",
                                "in time",
                                true,
                            )
                    }
                }
            }
        }

        test("a command that Redis refuses throws what Lettuce says, and so does one of many") {
            onLoop {
                withRedis { redis ->
                    await(redis.commands.set("text", "no number"))
                    val good = redis.commands.incr("number")
                    val bad = redis.commands.incr("text")
                    val last = redis.commands.incr("number")
                    shouldThrow<RedisCommandExecutionException> { await(bad) }
                    listOf(await(good), await(last)) shouldContainExactly listOf(1L, 2L)
                }
            }
        }

        test("a failure that nobody awaits is nobody's") {
            onLoop {
                val reports = getRunningLoop().recordReports()
                withRedis { redis ->
                    redis.commands.incr("a key").cancel(true)
                    await(redis.commands.set("text", "no number"))
                    redis.commands.incr("text")
                    await(redis.commands.ping()) shouldBe "PONG"
                }
                reports.shouldBeEmpty()
            }
        }

        test("where there is no server, connecting fails") {
            onLoop {
                val nobody = RedisURI.create("127.0.0.1", ServerSocket(0).use { it.localPort })
                val client = redisClient(nobody)
                shouldThrow<RedisConnectionException> { await(client.connectAsync(StringCodec.UTF8, nobody)) }
                shouldThrow<RedisConnectionException> { await(client.connectSentinelAsync(StringCodec.UTF8, nobody)) }
                await(client.shutdownAsync())
            }
        }

        test("names are looked up by the loop's resolver") {
            onLoop {
                withRedis { redis ->
                    val byName = RedisURI.create("localhost", redis.server.port)
                    await(await(redis.client.connectAsync(StringCodec.UTF8, byName)).async().ping()) shouldBe "PONG"
                }
            }
        }

        test("cancelling a command cancels who awaits it") {
            onLoop {
                withRedis { redis ->
                    val command = redis.connect().async().blpop(0L, "nothing")
                    val waiting = createTask { await(command) }
                    sleep(Duration.ZERO)
                    command.cancel(true)
                    shouldThrow<CancelledException> { waiting.await() }
                    until { waiting.done() }
                }
            }
        }
    })
