// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.sleep
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Nested
import org.junit.jupiter.api.RepeatedTest
import org.junit.jupiter.api.TestInfo
import org.junit.jupiter.api.TestInstance
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.facade.simulation.Simulation as FacadeSimulation

/** Test classes for the engine that the tests run. */
internal class SimulatedCases {
    /** The field is that of one run alone, or the sum would be another one. */
    class Race {
        private var count = 0

        @Simulated
        suspend fun Simulation.`an update is lost`() {
            val counters =
                listOf("one", "two").map {
                    host(it) {
                        sleep(getRunningLoop().random.nextInt(20).milliseconds)
                        val before = count
                        sleep(1.milliseconds)
                        count = before + 1
                    }
                }
            counters.forEach { it.join() }
            check(count == 2) { "an update is lost" }
        }

        @Simulated(seeds = 200)
        suspend fun right(
            info: TestInfo,
            simulation: Simulation,
        ) {
            val counters = List(2) { simulation.host("h$it") { count++ } }
            counters.forEach { it.join() }
            assertEquals(2, count)
            JavaCases.EVENTS += info.displayName
        }

        @Simulated(seeds = 3)
        fun `without suspend`(simulation: Simulation) {
            JavaCases.EVENTS += "plain at ${simulation.now}"
        }
    }

    class Around {
        private val seen = ArrayList<String>()

        @BeforeEach
        suspend fun Simulation.start() {
            sleep(1.seconds)
            seen += "before at $now"
        }

        @Simulated(seeds = 20)
        suspend fun Simulation.passes() {
            sleep(1.seconds)
            seen += "test at $now"
        }

        @Simulated(seeds = 20)
        suspend fun Simulation.fails() {
            seen += "test at $now"
            sleep(1.seconds)
            throw IOException("boom")
        }

        @AfterEach
        suspend fun end(simulation: Simulation) {
            sleep(1.seconds)
            seen += "after at ${simulation.now}"
            JavaCases.EVENTS += seen.joinToString()
        }

        @Nested
        inner class Inner {
            @BeforeEach
            fun begin() {
                seen += "inside"
            }

            @Simulated(seeds = 20)
            suspend fun Simulation.nested() {
                seen += "nested at $now"
            }
        }
    }

    class Options {
        @Simulated(seeds = 3, firstSeed = 17, schedule = Schedule.CHAOS)
        suspend fun Simulation.draws() {
            JavaCases.EVENTS += "${getRunningLoop().random.nextInt()}"
        }

        @Simulated(seeds = Int.MAX_VALUE, budgetSeconds = 1)
        suspend fun Simulation.briefly() = sleep(1.seconds)

        @Simulated(seeds = 100, collect = true)
        suspend fun Simulation.`fails in two ways`() {
            if (getRunningLoop().random.nextInt(2) == 0) throw IOException("the one")
            throw IllegalStateException("the other")
        }
    }

    class SharedInStatics {
        @Simulated(seeds = 5)
        suspend fun Simulation.made() = sleep(1.seconds)

        init {
            made.incrementAndGet()
        }

        companion object {
            val made = AtomicInteger()
        }
    }

    // Mistakes.

    class NoSimulation {
        @Simulated
        suspend fun forgotten() = sleep(1.seconds)
    }

    class TwoSimulations {
        @Simulated
        suspend fun Simulation.both(other: Simulation) = sleep(other.now)
    }

    @OnLoop
    class Looped {
        @Simulated
        suspend fun Simulation.looped() = sleep(1.seconds)
    }

    class Asynchronous {
        @AsyncTest
        @Simulated
        suspend fun Simulation.asynchronous() = sleep(1.seconds)
    }

    class Repeated {
        @RepeatedTest(2)
        @Simulated
        suspend fun Simulation.repeated() = sleep(1.seconds)
    }

    class OtherLanguage {
        @Simulated
        suspend fun other(simulation: FacadeSimulation) = simulation.log("never")
    }

    class OtherLanguageBefore {
        @BeforeEach
        fun before(simulation: FacadeSimulation) = simulation.log("never")

        @Simulated
        suspend fun Simulation.test() = sleep(1.seconds)
    }

    class ParameterBefore {
        @BeforeEach
        fun before(info: TestInfo) = check(info.displayName.isNotEmpty())

        @Simulated
        suspend fun Simulation.test() = sleep(1.seconds)
    }

    class Constructed(
        private val info: TestInfo,
    ) {
        @Simulated
        suspend fun Simulation.test() = log(info.displayName)
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OneInstance {
        @Simulated
        suspend fun Simulation.test() = sleep(1.seconds)
    }

    class Returning {
        @Simulated
        suspend fun Simulation.returns(): Int = 1

        @Simulated
        suspend fun Simulation.test() = sleep(1.seconds)
    }
}
