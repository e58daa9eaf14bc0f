// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.Schedule
import dev.simul.simulation.explore
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/**
 * A test that is run many times, each time as the program of a simulation, by [explore]: a seed decides hosts, network and the order of
 * tasks. It needs the artifact `simul-simulation` beside this one.
 *
 * ```kotlin
 * @Simulated(seeds = 10_000, schedule = Schedule.CHAOS)
 * suspend fun Simulation.`no seat is sold twice`() {
 *     host("office") { office.serve() }
 *     …
 * }
 * ```
 *
 * ```java
 * @Simulated(seeds = 10_000, schedule = Schedule.CHAOS)
 * void noSeatIsSoldTwice(Simulation sim) {
 *     sim.host("office", () -> office.serve());
 *     …
 * }
 * ```
 *
 * - **Methods.** In Kotlin the `Simulation` is the receiver or a parameter of a `suspend` function, for which JUnit has to be of version 6
 *   or newer. In Java it is the facade's, `dev.simul.facade.simulation.Simulation`, and the method is a body.
 * - **Instances.** Each run has an instance of the test class of its own, so that no field keeps anything from one run to the next; its
 *   constructor, and those of the classes around it, have no parameters. Methods with [BeforeEach] and [AfterEach] run on it, in the
 *   simulation, before the test's method and after; they take the `Simulation` or nothing. What is static is shared by all runs, which go
 *   on at once in several threads. Other extensions see only the instance that JUnit makes, on which nothing runs.
 * - **Failures.** The first run that fails is shrunk, and the test fails by an [ExplorationFailure], with the seed and the transcript.
 *   With the environment's variable `SIMUL_SEED`, or the system property `simul.seed`, as that failure prints it, only this run is made.
 *
 * asyncio has no equivalent.
 *
 * @property seeds how many seeds to run.
 * @property budgetSeconds after this time, by the machine's clock, no further seed is begun. Shrinking takes at most as long again.
 * @property schedule who decides the order of what is ready at the same time.
 * @property firstSeed the first seed; `seeds = 1, firstSeed = 17` runs the seed 17 alone.
 * @property collect whether to go on after a failure, and fail with one of each kind, the others suppressed in the first.
 */
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.ANNOTATION_CLASS)
@Retention(AnnotationRetention.RUNTIME)
@MustBeDocumented
@Test
@ExtendWith(SimulatedExtension::class)
public annotation class Simulated(
    val seeds: Int = 1_000,
    val budgetSeconds: Long = 60,
    val schedule: Schedule = Schedule.RANDOM,
    val firstSeed: Long = 1,
    val collect: Boolean = false,
)
