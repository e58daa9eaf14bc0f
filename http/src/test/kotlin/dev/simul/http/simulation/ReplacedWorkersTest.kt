// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.simulation

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.house.Soak
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.http.ResponseHead
import dev.simul.http.createHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Latency
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.workers.Supervisor
import dev.simul.workers.WorkerOptions
import dev.simul.workers.currentWorker
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** HTTP servers of workers that are replaced one after the other, with clients that keep their connections. */
class ReplacedWorkersTest :
    FunSpec({
        for (schedule in listOf(Schedule.RANDOM, Schedule.CHAOS)) {
            test("no POST is lost or answered twice while all workers are replaced ($schedule)") {
                for (seed in 1L..Soak.of(1_000)) simulate(seed, schedule) { rollingReplacement() }
            }
        }

        test("a connection without requests keeps a replaced worker until its grace is over, and no longer") {
            simulate(1) {
                val site = Site(this, WorkerOptions(grace = 3.seconds))
                val client =
                    host("client") {
                        HttpConnector().use { connector ->
                            site.post(connector, 1)
                            sleep(10.seconds)
                            connector.idleSize shouldBe 0
                        }
                    }
                sleep(1.seconds)
                val begun = now
                site.replaceAll()
                (now - begun) shouldBeLessThan 3.1.seconds
                (now - begun >= 3.seconds).shouldBeTrue()
                client.join()
            }
        }

        test("when the supervisor is closed, a connection without requests is closed at once") {
            simulate(1) {
                val site = Site(this, WorkerOptions(grace = 3.seconds))
                host("client") {
                    HttpConnector().use { connector ->
                        site.post(connector, 1)
                        sleep(10.seconds)
                    }
                }
                sleep(1.seconds)
                val begun = now
                site.close()
                (now - begun) shouldBeLessThan 0.1.seconds
            }
        }
    })

private suspend fun Simulation.rollingReplacement() {
    network.conditions.latency = Latency(0.1.milliseconds, 5.milliseconds)
    val site = Site(this, WorkerOptions(grace = 5.seconds))
    val clients =
        List(3) { number ->
            host("client-$number") {
                HttpConnector(options = HttpConnectorOptions(limitPerHost = 4)).use { connector ->
                    taskGroup { group -> repeat(4) { task -> group.createTask { site.ask(connector, (number * 4 + task) * 100) } } }
                }
            }
        }
    sleep(100.milliseconds)
    site.replaceAll()
    clients.any { it.isRunning }.shouldBeTrue()
    clients.forEach { it.join() }
    site.begun.values.toSet() shouldBe setOf(1)
    site.begun.keys shouldBe site.answered
    site.generations shouldBe setOf(1, 2)
}

/** Workers that answer numbered requests. */
private class Site(
    private val simulation: Simulation,
    options: WorkerOptions,
) {
    /** How often a handler began, by request. */
    val begun = HashMap<Int, Int>()
    val answered = HashSet<Int>()

    /** Of the workers that have answered. */
    val generations = HashSet<Int>()

    private val supervisor = Supervisor(2, options) { work() }
    private val host =
        simulation.host("server") {
            supervisor.serveForever()
            sleep(1.seconds)
        }

    private suspend fun work() {
        getRunningLoop()
            .createHttpServer("0.0.0.0", PORT) { exchange ->
                val number = exchange.body.read().decodeToString().toInt()
                begun.merge(number, 1, Int::plus)
                generations += currentWorker()!!.generation
                sleep(getRunningLoop().random.nextInt(5).milliseconds)
                exchange.respond(ResponseHead(200), ByteBuffer.wrap("$number".toByteArray()))
            }.serveForever()
    }

    /** Sends requests from [first] on, with pauses, until the workers have been replaced. */
    suspend fun ask(
        connector: HttpConnector,
        first: Int,
    ) {
        repeat(60) {
            post(connector, first + it)
            sleep(getRunningLoop().random.nextInt(20).milliseconds)
        }
    }

    suspend fun post(
        connector: HttpConnector,
        number: Int,
    ) {
        val head = RequestHead("POST", "/", Headers.of("Host" to "server"))
        val response = connector.request(HttpRoute("server", PORT), head, RequestBody.of("$number".toByteArray()))
        response.use { it.body.read().decodeToString() } shouldBe "$number"
        answered.add(number).shouldBeTrue()
    }

    suspend fun replaceAll() = supervised { replaceAll() }

    suspend fun close() = supervised { shutdown() }

    /** Has the supervisor's own loop do it. */
    private suspend fun supervised(what: suspend Supervisor.() -> Unit) {
        val here = getRunningLoop()
        val done = here.createFuture<Unit>()
        val loop = supervisor.loop!!
        loop.callSoonThreadsafe {
            loop.createTask {
                supervisor.what()
                here.callSoonThreadsafe { done.setResult(Unit) }
            }
        }
        done.await()
    }
}
