// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import org.junit.platform.engine.TestExecutionResult
import org.junit.platform.engine.discovery.DiscoverySelectors.selectClass
import org.junit.platform.testkit.engine.EngineExecutionResults
import org.junit.platform.testkit.engine.EngineTestKit
import org.junit.platform.testkit.engine.EventType
import kotlin.reflect.KClass

/** The outcome of running the tests of one class. */
internal class Outcome(
    private val results: EngineExecutionResults,
) {
    /** How many tests passed, and how many failed. */
    val counts: Pair<Int, Int>
        get() =
            results.testEvents().let { it.succeeded().count().toInt() to it.failed().count().toInt() }

    /** The failure of the test, or class, whose name contains [name]. */
    fun failureOf(name: String): Throwable =
        results
            .allEvents()
            .stream()
            .filter { it.type == EventType.FINISHED && name in it.testDescriptor.uniqueId.toString() }
            .map { it.getRequiredPayload(TestExecutionResult::class.java).throwable.orElse(null) }
            .filter { it != null }
            .findFirst()
            .orElseThrow { AssertionError("$name has not failed") }

    /** Throws what made a test fail, if one did. */
    fun rethrow(): Outcome =
        apply {
            results.allEvents().failed().stream().findFirst().ifPresent {
                throw it.getRequiredPayload(TestExecutionResult::class.java).throwable.get()
            }
        }
}

/** Runs the tests of [type], as a build would. */
internal fun runTestsOf(
    type: KClass<*>,
    vararg parameters: Pair<String, String>,
): Outcome {
    JavaCases.EVENTS.clear()
    return Outcome(
        EngineTestKit.engine("junit-jupiter").configurationParameters(parameters.toMap()).selectors(selectClass(type.java)).execute(),
    )
}
