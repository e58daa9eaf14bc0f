// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.check

import dev.simul.demo.LocalServer
import dev.simul.demo.forever
import dev.simul.demo.webClient
import dev.simul.simulation.Latency
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.delay
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** `simul demo check`, as it is, with sites that are hosts of a simulation. */
class SiteCheckSimulationTest :
    FunSpec({
        test("sites that answer, answer late, never, or cannot be reached are told in the order of their answers") {
            simulate(1) {
                network.conditions.latency = Latency(10.milliseconds)
                check() shouldContainExactly
                    listOf(
                        "http://nobody.test/ null unknown host at 0s",
                        "http://closed.test/ null connection refused at 20ms",
                        "http://quick.test/ 200 null at 40ms",
                        "http://quick.test/missing 404 null at 40ms",
                        "http://late.test/ 200 null at 3.04s",
                        "http://stuck.test/ null no answer within 5s at 5s",
                        "http://dead.test/ null no answer within 5s at 5s",
                    )
            }
        }

        test("a fresh JVM makes the same steps") {
            replayCheck<Check>(seeds = 100)
        }
    })

private suspend fun serve(
    host: String,
    think: suspend () -> Unit = {},
) {
    val server =
        LocalServer(host, 80) {
            routing {
                get("/") {
                    think()
                    call.respondText("Hello")
                }
            }
        }
    server.start()
    forever()
}

/** What is found of some sites, and when. */
private suspend fun Simulation.check(): List<String> {
    host("quick.test") { serve("quick.test") }
    host("late.test") { serve("late.test") { delay(3_000) } }
    host("stuck.test") { serve("stuck.test") { delay(1.hours) } }
    host("closed.test") { forever() }
    val dead = host("dead.test") { forever() }
    dead.crash()
    val found = ArrayList<String>()
    val urls = listOf("quick", "late", "stuck", "closed", "dead", "nobody").map { "http://$it.test/" } + "http://quick.test/missing"
    host("checker") {
        webClient(10).use { client ->
            SiteCheck(client, maxRequests = 10, patience = 5.seconds).all(urls) { found += "${it.url} ${it.status} ${it.reason} at $now" }
        }
    }.join()
    return found
}

private class Check : SimulatedProgram {
    override suspend fun Simulation.run() = check().forEach { log(it) }
}
