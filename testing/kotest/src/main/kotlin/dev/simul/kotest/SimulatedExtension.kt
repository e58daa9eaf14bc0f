// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.loop.getRunningLoopOrNull
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import io.kotest.core.extensions.TestCaseExtension
import io.kotest.core.test.TestCase
import io.kotest.core.test.TestScope
import io.kotest.core.test.TestType
import io.kotest.engine.test.TestResult
import kotlinx.coroutines.currentCoroutineContext
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Runs the bodies of Kotest's tests many times, each time as the program of a simulation, by [explore]: a seed decides hosts, network and
 * the order of tasks. It needs the artifact `simul-simulation` beside this one.
 *
 * ```
 * class BoxOfficeTest : FunSpec({
 *     extension(SimulatedExtension(seeds = 10_000, schedule = Schedule.CHAOS))
 *
 *     test("no seat is sold twice") {
 *         val office = BoxOffice()
 *         simulation.host("office") { office.serve() }
 *         …
 *     }
 * })
 * ```
 *
 * Register it for a spec, for a test (`test("…").config(extensions = listOf(SimulatedExtension(seeds = 100)))`) or for the project; the
 * narrowest registration counts, also before a [SimulExtension]. The body finds its [simulation] as a property of its scope.
 *
 * - **Runs** share the spec, and several go on at once, in several threads: a body makes what it needs, and changes nothing outside of it.
 * - **Containers** and Kotest's own listeners run where Kotest runs them, once, and outside of simulations.
 * - **Failures.** The first run that fails is shrunk, and the test fails by an [ExplorationFailure], with the seed and the transcript.
 *   With the environment's variable `SIMUL_SEED`, or the system property `simul.seed`, as that failure prints it, only this run is made.
 * - **Time** in a simulation is virtual. Kotest's timeouts interrupt it if the test's configuration has `blockingTest = true`.
 *
 * asyncio has no equivalent.
 *
 * @property seeds how many seeds to run.
 * @property budget after this time, by the machine's clock, no further seed is begun. Shrinking takes at most as long again.
 * @property schedule who decides the order of what is ready at the same time.
 * @property firstSeed the first seed; `seeds = 1, firstSeed = 17` runs the seed 17 alone.
 * @property collect whether to go on after a failure, and fail with one of each kind, the others suppressed in the first.
 */
public class SimulatedExtension(
    private val seeds: Int = 1_000,
    private val budget: Duration = 60.seconds,
    private val schedule: Schedule = Schedule.RANDOM,
    private val firstSeed: Long = 1,
    private val collect: Boolean = false,
) : TestCaseExtension {
    override suspend fun intercept(
        testCase: TestCase,
        execute: suspend (TestCase) -> TestResult,
    ): TestResult = execute(if (testCase.type == TestType.Test) inSimulations(testCase) else testCase)

    private fun inSimulations(testCase: TestCase): TestCase {
        val body = testCase.test
        return testCase.copy(test = { if (isPlaced()) body() else exploreBody(this, body) })
    }

    /** Whether a narrower extension has put the body onto a loop, or into a simulation. */
    private fun isPlaced() = getRunningLoopOrNull() != null

    private fun exploreBody(
        scope: TestScope,
        body: suspend TestScope.() -> Unit,
    ) {
        explore(seeds, budget, schedule, firstSeed, collect) {
            ScopeOnLoop(scope, currentCoroutineContext() + SimulationElement(this)).body()
        }
    }
}

/**
 * The simulation that this test runs in, by a [SimulatedExtension].
 *
 * @throws IllegalStateException in a test that runs in none.
 */
public val TestScope.simulation: Simulation
    get() {
        val element = coroutineContext[SimulationElement]
        checkNotNull(element) { "the test '${testCase.name.name}' runs in no simulation: register a SimulatedExtension for it" }
        return element.simulation
    }

private class SimulationElement(
    val simulation: Simulation,
) : AbstractCoroutineContextElement(SimulationElement) {
    companion object : CoroutineContext.Key<SimulationElement>
}
