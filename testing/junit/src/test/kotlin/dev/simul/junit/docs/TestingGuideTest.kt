// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs

import dev.simul.junit.Outcome
import dev.simul.junit.runTestsOf
import dev.simul.loop.RecordedLog
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.Path
import kotlin.io.path.readText
import kotlin.reflect.KClass

/** Runs the samples of the guide to testing. That its blocks are those samples, the runtime's and the facade's tests see. */
class TestingGuideTest :
    FunSpec({
        val guide = Path("../../docs/guide/testing.md").readText()
        val shown = Regex("```text\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(guide).map { it.groupValues[1].trimEnd() }.toList()

        for ((samples, passed) in mapOf(
            FetchTest::class to 1,
            FetchTestInJava::class to 1,
            TimeSamples::class to 1,
            TestingSamplesInJava.Time::class to 1,
            EchoSamples::class to 2,
            TestingSamplesInJava.EchoTest::class to 2,
            SlowServerSamples::class to 3,
            TestingSamplesInJava.SlowServer::class to 3,
            CancelSafetySamples::class to 1,
            TestingSamplesInJava.CancelSafety::class to 1,
            FakeSamples::class to 1,
            TestingSamplesInJava.Fakes::class to 1,
            RunTestSamples::class to 1,
            TestingSamplesInJava.AnyFramework::class to 1,
        )) {
            test("the tests of ${samples.java.name} pass") { runTestsOf(samples).rethrow().counts shouldBe (passed to 0) }
        }

        for (samples in listOf<KClass<*>>(FailureSamples::class, TestingSamplesInJava.Failures::class)) {
            test("the failures of ${samples.java.name} have the messages that the guide shows") {
                lateinit var outcome: Outcome
                RecordedLog.during { outcome = runTestsOf(samples) }
                outcome.counts shouldBe (2 to 2)
                outcome.failureOf("forgotten").message!!.replace(Regex("Task-\\d+"), "Task-1") shouldBe shown[0]
                outcome
                    .failureOf(
                        "stuck",
                    ).message!!
                    .replace(Regex("^ +stuck\\S* ", RegexOption.MULTILINE), "    stuck() ") shouldBe shown[1]
            }
        }

        test("the artifact that the guide names is this module's, in its version") {
            val pom = Path("pom.xml").readText()
            for (element in listOf("groupId", "version")) {
                val value = Regex("<$element>(.*?)</$element>").find(pom)!!.groupValues[1]
                guide shouldContain "<$element>$value</$element>"
            }
            guide shouldContain "<artifactId>simul-junit</artifactId>"
        }
    })
