// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.sleep
import io.kotest.assertions.assertSoftly
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.util.Collections
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// Specs that the tests run: some of their tests fail.

/** Runs go on at once, in several threads. */
internal val runs: MutableList<String> = Collections.synchronizedList(ArrayList<String>())

/** Loses an update where two hosts are unlucky. */
private suspend fun Simulation.count(pause: Boolean) {
    var count = 0
    val counters =
        listOf("one", "two").map {
            host(it) {
                sleep(getRunningLoop().random.nextInt(20).milliseconds)
                val before = count
                if (pause) sleep(1.milliseconds)
                count = before + 1
            }
        }
    counters.forEach { it.join() }
    check(count == 2) { "an update is lost" }
}

class SimulatedSpec :
    FunSpec({
        extension(SimulatedExtension(seeds = 500))
        beforeTest {
            getRunningLoopOrNull().shouldBeNull()
            runs += "before ${it.name.name}"
        }

        test("an update is lost") { simulation.count(pause = true) }

        test("right") {
            simulation.count(pause = false)
            runs += "right"
        }

        context("a container") {
            getRunningLoopOrNull().shouldBeNull()

            test("inside") { simulation.log("inside") }
        }

        test("narrower").config(extensions = listOf(SimulatedExtension(seeds = 3, firstSeed = 17, schedule = Schedule.CHAOS))) {
            runs += "narrower ${getRunningLoop().random.nextInt()}"
        }

        test("on a loop").config(extensions = listOf(SimulExtension())) {
            sleep(1.seconds)
            runs += "${getRunningLoop().time()}: ${runCatching { simulation }.exceptionOrNull()!!.message}"
        }

        test("soft assertions are collected") {
            assertSoftly {
                1 shouldBe 2
                sleep(1.seconds)
                3 shouldBe 4
            }
        }

        val twoWays = SimulatedExtension(seeds = 100, collect = true)
        test("fails in two ways").config(extensions = listOf(twoWays)) {
            if (getRunningLoop().random.nextInt(2) == 0) throw IOException("the one")
            throw IllegalStateException("the other")
        }

        val briefly = SimulatedExtension(seeds = Int.MAX_VALUE, budget = 100.milliseconds)
        test("briefly").config(extensions = listOf(briefly)) { sleep(1.seconds) }
    })

class SimulatedStrings :
    StringSpec({
        extension(SimulExtension())
        extension(SimulatedExtension(seeds = 2))

        "a string" {
            sleep(1.seconds)
            runs += "string at ${simulation.now}"
        }
    })
