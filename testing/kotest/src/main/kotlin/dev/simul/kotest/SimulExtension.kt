// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.Runner
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.testing.Deadlock
import dev.simul.testing.ReportedErrors
import dev.simul.testing.TestRunner
import dev.simul.testing.VirtualClock
import dev.simul.testing.network.MemoryNetwork
import io.kotest.core.extensions.TestCaseExtension
import io.kotest.core.test.TestCase
import io.kotest.core.test.TestScope
import io.kotest.core.test.TestType
import io.kotest.engine.test.TestResult
import kotlinx.coroutines.currentCoroutineContext
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Runs the bodies of Kotest's tests on event loops: each has a loop of its own, and is a task of that loop.
 *
 * ```
 * class FetchTest : FunSpec({
 *     extension(SimulExtension())
 *
 *     test("an hour passes at once") {
 *         sleep(1.hours)
 *     }
 * })
 * ```
 *
 * Register it for a spec, for a test (`test("…").config(extensions = listOf(SimulExtension(realTime = true)))`) or for the project; the
 * narrowest registration counts.
 *
 * - **Containers** (`context`, `describe`) and Kotest's own listeners (`beforeTest`, `afterEach`) run where Kotest runs them, without a loop.
 *   What needs the loop belongs in the body of the test, or in a function that it calls.
 * - **At the end** of the body, pending tasks are cancelled and the loop is closed, as [Runner] does it. Coroutines that are launched in the
 *   scope of the test, by `launch`, run on the loop too, as part of its task, and are cancelled then.
 * - **Time** is virtual unless [realTime] is set: the loop goes by a [VirtualClock], which also `delay` uses. Real sockets then work, but a
 *   timeout may expire although the peer is only slow, see there.
 * - **Failures.** A test also fails if a failure was never retrieved, or another error has reached the loop's exception handler, see
 *   [ReportedErrors]. It fails by a [Deadlock] when nothing more can happen. When it takes longer than its [timeout], the failure names each
 *   pending task and what it waits for; its suppressed exceptions show where.
 *
 * @property realTime whether the loops go by the machine's clock, as outside tests: for real sockets, threads and processes.
 * @property timeout how long, in real time, the body may take, unless the test's own configuration has a shorter timeout. There is no limit
 *   while a debugger is attached. Kotest's other timeouts do not interrupt the loop.
 * @property network makes the network in memory that the sockets of a test are on, `::MemoryNetwork`, say; if null, they are the system's.
 */
public class SimulExtension(
    private val realTime: Boolean = false,
    private val timeout: Duration = 60.seconds,
    private val network: (() -> MemoryNetwork)? = null,
) : TestCaseExtension {
    init {
        require(network == null || !realTime) { "a test in real time has no network in memory: leave realTime or network out" }
    }

    override suspend fun intercept(
        testCase: TestCase,
        execute: suspend (TestCase) -> TestResult,
    ): TestResult = execute(if (testCase.type == TestType.Test) onLoop(testCase) else testCase)

    private fun onLoop(testCase: TestCase): TestCase {
        val body = testCase.test
        return testCase.copy(test = { if (getRunningLoopOrNull() != null) body() else runOnLoop(this, body) })
    }

    private fun runOnLoop(
        scope: TestScope,
        body: suspend TestScope.() -> Unit,
    ) {
        val config = scope.testCase.config
        val limit = listOfNotNull(timeout, config?.timeout, config?.invocationTimeout).min()
        TestRunner(newClock(), limit).use { test ->
            test.run(scope.testCase.name.name) { ScopeOnLoop(scope, currentCoroutineContext()).body() }
        }
    }

    private fun newClock(): VirtualClock? =
        when {
            realTime -> null
            network == null -> VirtualClock()
            else -> VirtualClock(selectorProvider = network())
        }
}

/** The scope of a test, of which the coroutines run on its loop. */
internal class ScopeOnLoop(
    scope: TestScope,
    override val coroutineContext: CoroutineContext,
) : TestScope by scope
