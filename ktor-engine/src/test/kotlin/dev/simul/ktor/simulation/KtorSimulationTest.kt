// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.simulation

import dev.simul.house.Soak
import dev.simul.ktor.client.Simul
import dev.simul.simulation.Latency
import dev.simul.simulation.Schedule
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpRequestTimeoutException
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Ktor's clients and servers under `simulate`. */
class KtorSimulationTest :
    FunSpec({
        test("all calls are answered in the end, whatever fails, and the same steps are made in a fresh JVM") {
            replayCheck<Calls>(seeds = Soak.of(2_000))
            replayCheck<Calls>(seed = 1_000_000, Schedule.CHAOS, seeds = Soak.of(2_000))
            failures.get() shouldBeGreaterThan Soak.of(2_000)
        }

        test("so are those in a WebSocket") {
            replayCheck<Shouts>(seeds = Soak.of(2_000))
            replayCheck<Shouts>(seed = 1_000_000, Schedule.CHAOS, seeds = Soak.of(2_000))
        }

        test("so are calls to a server with several workers") {
            replayCheck<CallsOfWorkers>(seeds = Soak.of(500))
            replayCheck<CallsOfWorkers>(seed = 1_000_000, Schedule.CHAOS, seeds = Soak.of(500))
        }

        test("a server's workers are loops of its host, and share its port") {
            simulate {
                val server = host("server") { serve(workers = 2) }
                HttpClient(Simul).use { client -> client.get("http://server/text/5").bodyAsText() shouldBe text(5) }
                server.loops.map { it.name } shouldBe listOf("server/worker-1", "server/worker-2")
            }
        }

        test("no order of what is ready keeps calls from being answered") {
            explore(seeds = Soak.of(2_000)) { with(Calls()) { run() } }.interleavings shouldBe Soak.of(2_000)
        }

        test("the time limit of a call passes at once, and to the nanosecond") {
            simulate {
                network.conditions.latency = Latency(10.milliseconds)
                host("server") { serve() }
                HttpClient(Simul) { install(HttpTimeout) { requestTimeoutMillis = 5_000 } }.use { client ->
                    shouldThrow<HttpRequestTimeoutException> { client.get("http://server/late/60000") }
                }
                now shouldBe 5.seconds
            }
        }
    })
