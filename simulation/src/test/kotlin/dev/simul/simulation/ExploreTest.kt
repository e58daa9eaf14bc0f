// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ExploreTest :
    FunSpec({
        test("three timers of one deadline have six orders, and each is one interleaving") {
            val exploration = explore(seeds = 300) { wakeTogether("a", "b", "c") }
            exploration.runs shouldBe 300
            exploration.interleavings shouldBe 6
        }

        test("asyncio's schedule has one interleaving") {
            explore(seeds = 20, schedule = Schedule.ASYNCIO) { wakeTogether("a", "b", "c") }.interleavings shouldBe 1
        }

        test("a failing order is found and shrunk to the choices that it needs") {
            val failure =
                shouldThrow<ExplorationFailure> {
                    explore(seeds = 1_000) {
                        // These have nothing to do with it.
                        repeat(5) { wakeTogether("x", "y", "z") }
                        val order = wakeTogether("a", "b", "c", "d")
                        check(order.first() != "c") { "c was first" }
                    }
                }
            failure.cause!!.message shouldBe "c was first"
            failure.replay shouldBe "choices:z10,2"
            failure.message!! shouldContain "c was first"
            failure.message!! shouldContain "Set SIMUL_SEED=choices:z10,2 to replay that run, SIMUL_SEED=${failure.seed} for the one found."
            failure.message!! shouldContain "  6s  main  c wakes up"
        }

        test("what it prints replays, by explore and by simulate") {
            suspend fun Simulation.program() = check(wakeTogether("a", "b", "c") != listOf("b", "a", "c")) { "b before a" }
            val failure = shouldThrow<ExplorationFailure> { explore(seeds = 100) { program() } }
            for (replay in listOf(failure.replay, "${failure.seed}")) {
                withGivenRun(replay) {
                    shouldThrow<ExplorationFailure> { explore(seeds = 100) { program() } }.cause!!.message shouldBe "b before a"
                    val again = shouldThrow<IllegalStateException> { simulate(schedule = Schedule.RANDOM) { program() } }
                    again.suppressed.map { it.toString() }.joinToString() shouldContain "to run it again, set SIMUL_SEED=$replay."
                }
            }
            withGivenRun("choices:") { explore { program() }.runs shouldBe 1 }
        }

        test("a rare order of many turns is found in chaos, and its shrunk run is short") {
            val failure =
                shouldThrow<ExplorationFailure> {
                    explore(seeds = 5_000, schedule = Schedule.CHAOS) {
                        var balance = 100
                        var withdrawn = 0
                        val loop = getRunningLoop()

                        suspend fun withdraw(amount: Int) {
                            if (balance < amount) return
                            sleep(Duration.ZERO)
                            balance -= amount
                            withdrawn += amount
                        }
                        val clients =
                            List(4) { client ->
                                loop.createTask {
                                    repeat(client) { sleep(Duration.ZERO) }
                                    withdraw(60)
                                }
                            }
                        clients.forEach { it.await() }
                        check(withdrawn <= 100) { "$withdrawn were withdrawn" }
                    }
                }
            failure.replay.length shouldBeLessThan 60
            failure.cause!!.message!! shouldContain "were withdrawn"
        }

        test("a violated invariant is shrunk to a run that violates the same one") {
            val failure =
                shouldThrow<ExplorationFailure> {
                    explore(seeds = 500) {
                        val order = ArrayList<String>()
                        always("a is never third") { order.getOrNull(2) != "a" }
                        always("b is never fifth") { order.getOrNull(4) != "b" }
                        val loop = getRunningLoop()
                        val tasks =
                            listOf("a", "b", "c", "d", "e").map {
                                loop.createTask {
                                    sleep(1.seconds)
                                    order += it
                                    sleep(1.milliseconds)
                                }
                            }
                        tasks.forEach { it.await() }
                    }
                }
            val violation = failure.cause as InvariantViolation
            // Each choice is which of those that are left comes next.
            mapOf("a is never third" to "choices:1,1", "b is never fifth" to "choices:0,1,1,1").toList() shouldContain
                (violation.invariant to failure.replay)
        }

        test("the time ends the search") {
            explore(seeds = 1_000_000, budget = 50.milliseconds) { sleep(1.seconds) }.runs.shouldBeInRange(1..999_999)
        }

        test("in a running loop it is refused before any seed is run") {
            val runs = AtomicInteger()
            val failure =
                shouldThrow<IllegalStateException> {
                    runLoop {
                        explore(seeds = 2) {
                            runs.incrementAndGet()
                            error("found")
                        }
                    }
                }
            failure.message shouldBe "explore cannot be called from a running event loop: call it in a plain test or program"
            runs.get() shouldBe 0
        }

        test("no seeds are refused") {
            shouldThrow<IllegalArgumentException> { explore(seeds = 0) {} }.message shouldBe "0 seeds find nothing: give at least 1"
        }
    })

/** Tasks by these names wake up at the same time; returns the order in which they did. */
private suspend fun Simulation.wakeTogether(vararg names: String): List<String> {
    val order = ArrayList<String>()
    val loop = getRunningLoop()
    val tasks =
        names.map { name ->
            loop.createTask {
                sleep(1.seconds)
                log("$name wakes up")
                order += name
            }
        }
    tasks.forEach { it.await() }
    return order
}

private fun withGivenRun(
    text: String,
    block: () -> Unit,
) {
    System.setProperty("simul.seed", text)
    try {
        block()
    } finally {
        System.clearProperty("simul.seed")
    }
}
