// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.lettuce.core.RedisCommandTimeoutException
import io.lettuce.core.api.StatefulRedisConnection
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.resource.Delay
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import java.time.Duration as JavaDuration

/** What becomes of a command when its wait is cancelled, and of its connection, for one task and for many. */
class CancelTest :
    FunSpec({
        extension(NeedingRedis)

        for (way in Way.all) for (count in listOf(1, 64)) context("$way, $count at once") { tests(way, count) }

        test("a connection whose attempt is cancelled in any turn is closed") {
            Way.all.first().onLoop {
                withRedis { redis ->
                    val reports = getRunningLoop().recordReports()
                    repeat(12) { turns ->
                        val connecting = createTask { await(redis.client.connectAsync(StringCodec.UTF8, redis.server.uri)) }
                        val connectingToListen = createTask { await(redis.client.connectPubSubAsync(StringCodec.UTF8, redis.server.uri)) }
                        repeat(turns) { sleep(Duration.ZERO) }
                        for (task in listOf(connecting, connectingToListen)) {
                            // Whoever has the connection before that is who closes it.
                            if (!task.cancel()) await(task.result().closeAsync())
                            try {
                                await(task.await().closeAsync())
                            } catch (_: CancelledException) {
                            }
                        }
                    }
                    until { redis.connections() == 1 }
                    reports.shouldBeEmpty()
                }
            }
        }
    })

private suspend fun FunSpecContainerScope.tests(
    way: Way,
    count: Int,
) {
    test("commands that are sent together are answered in order") {
        way.onLoop {
            withRedis { redis ->
                val tasks = List(count) { way.start { redis.commands.incr("visits") } }
                tasks.map { it.await() } shouldContainExactly List(count) { it + 1L }
            }
        }
    }

    test("the answers of commands that were cancelled are nobody's, and the others get theirs") {
        way.onLoop {
            withRedis { redis ->
                repeat(5) { turns ->
                    val kept = List(count) { number -> way.start { redis.commands.echo("kept $number") } }
                    val cancelled = List(count) { number -> way.start { redis.commands.echo("cancelled $number") } }
                    val more = List(count) { number -> way.start { redis.commands.echo("more $number") } }
                    repeat(turns) { sleep(Duration.ZERO) }
                    val inTime = cancelled.filter { it.cancel() }
                    if (turns == 0) inTime.size shouldBe count
                    inTime.sumOf { it.shouldEndCancelled() } shouldBe inTime.size
                    kept.map { it.await() } shouldContainExactly List(count) { "kept $it" }
                    more.map { it.await() } shouldContainExactly List(count) { "more $it" }
                    await(redis.commands.echo("last")) shouldBe "last"
                }
            }
        }
    }

    test("a command that waits for a connection is never sent when it is cancelled") {
        way.onLoop {
            withRedis(clientResources { it.reconnectDelay(Delay.constant(JavaDuration.ofMillis(5))) }) { redis ->
                redis.server.close()
                until { !redis.connection.isOpen }
                val cancelled = List(count) { way.start { redis.commands.incr("visits") } }
                repeat(5) { sleep(Duration.ZERO) }
                cancelled.forEach { it.cancel() }
                val kept = way.start { redis.commands.incr("visits") }
                cancelled.sumOf { it.shouldEndCancelled() } shouldBe count
                RedisServer.start(port = redis.server.port).use {
                    until { redis.connection.isOpen }
                    // It may have failed while there was nobody to connect to.
                    val first = runCatching { kept.await() }.getOrNull()
                    await(redis.commands.incr("visits")) shouldBe (first ?: 0L) + 1
                    await(redis.client.shutdownAsync())
                }
            }
        }
    }

    test("a blocking command that is cancelled holds up its connection until its limit, and no longer") {
        way.onLoop {
            withRedis { redis ->
                val connections = List(count) { redis.connect() }
                val waiting = connections.map { connection -> way.start { connection.async().blpop(0.2, "nothing") } }
                until { "blocked_clients:$count" in await(redis.commands.info("clients")) }
                waiting.forEach { it.cancel() }
                waiting.sumOf { it.shouldEndCancelled() } shouldBe count
                connections.map { way.start { it.async().echo("after it") } }.map { it.await() } shouldContainExactly
                    List(count) { "after it" }
                connections.forEach { await(it.closeAsync()) }
            }
        }
    }

    test("closing the connection of a cancelled command that blocks frees the server of it") {
        way.onLoop {
            withRedis { redis ->
                val connections = List(count) { redis.connect() }
                val waiting = connections.map { connection -> way.start { connection.async().blpop(0L, "nothing") } }
                until { "blocked_clients:$count" in await(redis.commands.info("clients")) }
                waiting.forEach { it.cancel() }
                waiting.sumOf { it.shouldEndCancelled() } shouldBe count
                connections.forEach { await(it.closeAsync()) }
                until { "blocked_clients:0" in await(redis.commands.info("clients")) }
                await(redis.commands.rpush("nothing", "an element")) shouldBe 1L
                await(redis.commands.llen("nothing")) shouldBe 1L
            }
        }
    }

    test("a block with a timeout ends by it, and the connection goes on") {
        way.onLoop {
            withRedis { redis ->
                await(redis.commands.clientPause(100))
                val slow =
                    List(count) {
                        createTask { shouldThrow<TimeoutException> { timeout(20.milliseconds) { way.start { redis.commands.ping() }.await() } } }
                    }
                slow.map { it.await() }.size shouldBe count
                await(redis.commands.echo("after it")) shouldBe "after it"
            }
        }
    }

    test("a command that takes longer than the connection allows fails, and the connection goes on") {
        way.onLoop {
            withRedis { redis ->
                redis.connection.timeout = JavaDuration.ofMillis(30)
                await(redis.commands.clientPause(120))
                val slow = List(count) { way.start { redis.commands.get("key") } }
                slow.forEach { task -> shouldThrow<RedisCommandTimeoutException> { task.await() } }
                redis.connection.timeout = JavaDuration.ofSeconds(30)
                await(redis.commands.echo("after it")) shouldBe "after it"
            }
        }
    }

    test("a connection that is closed ends what waits for it") {
        way.onLoop {
            withRedis { redis ->
                val connections: List<StatefulRedisConnection<String, String>> = List(count) { redis.connect() }
                val waiting = connections.map { connection -> way.start { connection.async().blpop(0L, "nothing") } }
                until { "blocked_clients:$count" in await(redis.commands.info("clients")) }
                connections.forEach { await(it.closeAsync()) }
                val ends = waiting.map { task -> runCatching { timeout(10.seconds) { task.await() } }.exceptionOrNull() }
                ends.count { it != null && it !is TimeoutException } shouldBe count
                until { redis.connections() == 1 }
                redis.connections() shouldBeGreaterThanOrEqual 1
            }
        }
    }
}

/** Counts as one if it does. */
private suspend fun Task<*>.shouldEndCancelled(): Int {
    shouldThrow<CancelledException> { await() }
    return 1
}
