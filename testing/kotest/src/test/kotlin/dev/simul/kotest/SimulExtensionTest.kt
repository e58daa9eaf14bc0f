// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.loop.RecordedLog
import dev.simul.testing.Deadlock
import dev.simul.testing.network.MemoryNetwork
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import org.junit.platform.engine.TestExecutionResult
import org.junit.platform.engine.discovery.DiscoverySelectors.selectClass
import org.junit.platform.testkit.engine.EngineTestKit
import org.junit.platform.testkit.engine.EventType
import java.io.IOException
import kotlin.reflect.KClass

/** The tests of a spec, by name, each with its failure, or null; Kotest's engine ran them. */
internal fun outcomesOf(spec: KClass<*>): Map<String, Throwable?> {
    events.clear()
    val results = EngineTestKit.engine("kotest").selectors(selectClass(spec.java)).execute()
    val finished = results.testEvents().list().filter { it.type == EventType.FINISHED && it.testDescriptor.children.isEmpty() }
    return finished.associate {
        it.testDescriptor.displayName to it.getRequiredPayload(TestExecutionResult::class.java).throwable.orElse(null)
    }
}

/** On their way through Kotest's scopes, kotlinx copies exceptions, so that the copy's cause is the original. */
private fun original(failure: Throwable): Throwable = generateSequence(failure) { it.cause }.last()

class SimulExtensionTest :
    FunSpec({
        test("each test runs on a loop of its own, on virtual time") {
            val outcomes = outcomesOf(VirtualCases::class)
            outcomes.filterValues { it != null }.keys shouldContainExactly setOf("soft assertions are collected")
            outcomes.getValue("soft assertions are collected")!!.message shouldContain "2) expected:<4> but was:<3>"
            outcomes.size shouldBe 6
            events shouldContain "an hour passes at once"
            events shouldContain "launched at 1h"
            events.count { it == "before" } shouldBe 7
        }

        test("each test has a network in memory of its own, where the extension makes one") {
            outcomesOf(MemoryCases::class).values.filterNotNull() shouldBe emptyList()
            events shouldContainExactly listOf("closed at 1h", "closed at 1h")
            shouldThrow<IllegalArgumentException> { SimulExtension(realTime = true, network = ::MemoryNetwork) }.message shouldBe
                "a test in real time has no network in memory: leave realTime or network out"
        }

        test("it serves all styles of specs") {
            outcomesOf(StyleCases::class).values.filterNotNull() shouldBe emptyList()
            events shouldContainExactly listOf("string")
            outcomesOf(BehaviorCases::class).values.filterNotNull() shouldBe emptyList()
            events shouldContainExactly listOf("then")
        }

        test("a test fails by what it throws, by what nobody retrieved, and by what is stuck") {
            lateinit var outcomes: Map<String, Throwable?>
            val log = RecordedLog.during { outcomes = outcomesOf(FailureCases::class) }
            outcomes.getValue("throws").shouldBeInstanceOf<IOException>().message shouldBe "boom"
            outcomes.getValue("expected") shouldBe null
            log.map { it.thrown?.message } shouldContainExactly listOf("boom")

            val forgotten = outcomes.getValue("forgotten").shouldBeInstanceOf<AssertionError>()
            forgotten.message shouldContain "Task exception was never retrieved"
            forgotten.message shouldContain "task: forgotten"

            val stuck = outcomes.getValue("stuck").shouldBeInstanceOf<Deadlock>()
            stuck.message shouldContain "\n    stuck waits for Event.wait of "
            stuck.message shouldContain "\n    consumer waits for Event.wait of "
            val traces = original(stuck).suppressed.map { it.stackTrace.first().methodName }
            traces shouldContainExactlyInAnyOrder listOf("waitForever", "waitForever")

            val slow = outcomes.getValue("slow")!!
            slow.stackTraceToString() shouldContain "slow waits for Event.wait of "
        }
    })
