// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Leftovers
import dev.simul.house.Soak
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.NeedingRedis
import dev.simul.netty.RedisServer
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.sleep
import dev.simul.waitFor
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.lettuce.core.ClientOptions
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.api.StatefulRedisConnection
import io.lettuce.core.api.async.RedisAsyncCommands
import io.lettuce.core.codec.StringCodec
import io.lettuce.core.resource.ClientResources
import io.lettuce.core.resource.Delay
import io.lettuce.core.resource.NettyCustomizer
import io.netty.bootstrap.Bootstrap
import io.netty.buffer.UnpooledByteBufAllocator
import io.netty.channel.ChannelOption
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import dev.simul.run as runLoop
import java.time.Duration as JavaDuration

/** Commands that are cancelled at random, while the server is killed and restarted: each one ends, and nothing is left. */
class CommandSoakTest :
    FunSpec({
        extension(NeedingRedis)

        test("every command is answered, failed or cancelled") {
            val plan = CommandPlan(Random.nextLong(1_000_000), if (Soak.isFull) 1_000_000 else 20_000, kills = if (Soak.isFull) 50 else 4)
            val began = System.nanoTime()
            runLoop {
                waitFor(if (Soak.isFull) 20.minutes else 1.minutes) { getRunningLoop().soak(plan) }
            }
            println("$plan: ${plan.outcomes} in ${(System.nanoTime() - began) / 1_000_000} ms")
        }
    })

private class CommandPlan(
    private val seed: Long,
    val commands: Int,
    val kills: Int,
) {
    val random = Random(seed)
    val outcomes = sortedMapOf<String, Int>()
    val ended: Int get() = outcomes.values.sum()

    fun ended(how: String) {
        outcomes.merge(how, 1, Int::plus)
    }

    override fun toString(): String = "seed $seed, $commands commands"
}

private suspend fun EventLoop.soak(plan: CommandPlan) {
    val leftovers = Leftovers(this)
    val reports = recordReports()
    val buffers = UnpooledByteBufAllocator(true)
    val resources =
        clientResources { it.nettyCustomizer(allocatingFrom(buffers)).reconnectDelay(Delay.constant(JavaDuration.ofMillis(5))) }
    val client = SoakedRedis(plan, RedisServer.start(), redisClient(resources))
    client.perform()
    val resourcesLeft = resources.shutdown()
    resourcesLeft.isSuccess shouldBe true
    repeat(10) { sleep(Duration.ZERO) }
    withClue(plan) {
        plan.ended shouldBe plan.commands / WORKERS * WORKERS
        plan.outcomes.getValue("answered") shouldBeGreaterThan plan.commands / 2
        plan.outcomes.getValue("cancelled") shouldBeGreaterThan plan.commands / 20
        client.wrong.shouldBeEmpty()
        leftovers.now().shouldBeEmpty()
        reports.map { it.message }.shouldBeEmpty()
        buffers.metric().usedDirectMemory() shouldBe 0
        buffers.metric().usedHeapMemory() shouldBe 0
    }
}

private const val WORKERS = 64

private fun allocatingFrom(buffers: UnpooledByteBufAllocator) =
    object : NettyCustomizer {
        override fun afterBootstrapInitialized(bootstrap: Bootstrap) {
            bootstrap.option(ChannelOption.ALLOCATOR, buffers)
        }
    }

private fun redisClient(resources: ClientResources): RedisClient = redisClient(RedisURI.create("127.0.0.1", 1), resources)

/** A server that is killed now and then, and the clients of it. */
private class SoakedRedis(
    private val plan: CommandPlan,
    private var server: RedisServer,
    private val client: RedisClient,
) {
    private val random = plan.random
    private val port = server.port
    val wrong = ArrayList<String>()

    /** One that connects again by itself, and sends again what had no answer; and one that gives up. */
    private lateinit var lasting: StatefulRedisConnection<String, String>
    private var passing: StatefulRedisConnection<String, String>? = null
    private var isConnecting = false

    suspend fun perform() {
        try {
            lasting = connect()
            val workers = List(WORKERS) { number -> createTask { repeat(plan.commands / WORKERS) { end(number, it) } } }
            val killing = createTask { killAndRestart() }
            workers.forEach { it.await() }
            killing.await()
            await(client.shutdownAsync())
        } finally {
            server.close()
        }
    }

    private suspend fun connect() = await(client.connectAsync(StringCodec.UTF8, server.uri))

    /** Each time when so many of the commands have ended. */
    private suspend fun killAndRestart() {
        repeat(plan.kills) { kill ->
            val due = plan.commands.toLong() * (kill + 1) / (plan.kills + 2)
            until { plan.ended >= due }
            server.close()
            sleep(random.nextInt(30).milliseconds)
            server = RedisServer.start(port = port)
        }
    }

    /** Sends a command, and waits for its end, whichever that is. */
    private suspend fun end(
        worker: Int,
        number: Int,
    ) {
        val command = createTask { send(commands(), "$worker/$number") }
        if (random.nextInt(4) == 0) cancelSoon(command)
        try {
            command.await()
            plan.ended("answered")
        } catch (_: CancelledException) {
            plan.ended("cancelled")
        } catch (e: Exception) {
            plan.ended("failed")
        }
    }

    private suspend fun send(
        commands: RedisAsyncCommands<String, String>,
        name: String,
    ) {
        when (random.nextInt(100)) {
            in 0..<50 -> if (await(commands.echo(name)) != name) wrong += name
            in 50..<80 -> await(commands.incr("visits"))
            in 80..<98 -> await(commands.set(name, name))
            in 98..<99 -> await(commands.get(name))?.let { if (it != name) wrong += name }
            else -> if (await(commands.echo(LONG)) != LONG) wrong += "$name, which is long"
        }
    }

    private suspend fun commands(): RedisAsyncCommands<String, String> {
        if (random.nextInt(4) != 0) return lasting.async()
        val passing = passing
        if (passing != null && passing.isOpen) return passing.async()
        if (isConnecting) return lasting.async()
        isConnecting = true
        try {
            passing?.closeAsync()
            this.passing = null
            client.options = ClientOptions.builder().autoReconnect(false).build()
            val connecting = client.connectAsync(StringCodec.UTF8, server.uri)
            return await(connecting).also { this.passing = it }.async()
        } finally {
            isConnecting = false
        }
    }

    private suspend fun cancelSoon(task: Task<*>) {
        when (random.nextInt(3)) {
            0 -> repeat(random.nextInt(6)) { sleep(Duration.ZERO) }
            else -> sleep(random.nextInt(300).microseconds)
        }
        task.cancel()
    }

    private companion object {
        val LONG = "x".repeat(100_000)
    }
}
