// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Java's bodies, which have stacks of their own, on each carrier. */
@OptIn(FacadeApi::class)
class BodiesTest : FunSpec({ Carrier.available().forEach { carrier -> context(carrier.name) { tests(carrier) } } })

@OptIn(FacadeApi::class)
private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    fun Simulation.bodyHost(
        name: String,
        body: () -> Unit,
    ) = host(name) {
        getRunningLoop().carrier = carrier
        bodyOf { body() }.await()
    }

    test("bodies of several hosts take turns on virtual time") {
        val seen = ArrayList<String>()
        simulate(1) {
            val hosts =
                listOf("a" to 2.seconds, "b" to 3.seconds).map { (name, period) ->
                    bodyHost(name) {
                        repeat(3) {
                            pause(period)
                            seen += "$name at $now"
                        }
                    }
                }
            hosts.forEach { it.join() }
        }
        seen shouldContainExactly listOf("a at 2s", "b at 3s", "a at 4s", "b at 6s", "a at 6s", "b at 9s")
    }

    test("the same seed gives the same run") {
        suspend fun chatter(simulation: Simulation) {
            val hosts =
                List(3) { number ->
                    simulation.host("h$number") {
                        getRunningLoop().carrier = carrier
                        val tasks = List(3) { createTask(bodyOf { repeat(3) { pause(1.seconds) } }) }
                        tasks.forEach { it.await() }
                    }
                }
            hosts.forEach { it.join() }
        }
        for (schedule in Schedule.entries) {
            for (seed in 1L..5) hashOf(seed, schedule, ::chatter) shouldBe hashOf(seed, schedule, ::chatter)
        }
    }

    test("a crash ends bodies, so that no thread is left, and nobody sees what they do on the way") {
        val ended = CountDownLatch(1)
        val run = SimulationRun(Choices(1), Schedule.ASYNCIO)
        run
            .run {
                val host =
                    bodyHost("a") {
                        try {
                            pause(1.hours)
                        } finally {
                            log("cleans up")
                            ended.countDown()
                        }
                    }
                sleep(1.seconds)
                host.crash()
                sleep(1.seconds)
            }.getOrThrow()
        ended.await(10, TimeUnit.SECONDS) shouldBe true
        ("cleans up" in run.transcript.toString()) shouldBe false
    }
}

@OptIn(FacadeApi::class)
private fun pause(duration: Duration) = awaitInBody(coroutine { sleep(duration) })
