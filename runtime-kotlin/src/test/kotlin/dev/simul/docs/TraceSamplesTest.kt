// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.withMdc
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.readText

class TraceSamplesTest :
    FunSpec({
        val guide = Path.of("../docs/guide/diagnosis.md").readText()

        fun masked(trace: String) =
            trace
                .trim()
                .replace(Regex("Task-\\d+"), "Task-1")
                .replace(Regex(" *at awaited.by\\(thread [^)]*\\).*", RegexOption.DOT_MATCHES_ALL), "")
                .replace(Regex("TraceSamplesTest\\S+"), "TraceSamplesTest")
                .lines()
                .joinToString("\n") { it.trim() }
                .trim()

        test("the trace is the one that the guide shows") {
            val thrown = shouldThrow<NoSuchElementException> { runTest { printBalance() } }
            val shown = Regex("```text\n(java.util.NoSuchElementException.*?)```", RegexOption.DOT_MATCHES_ALL).find(guide)!!.groupValues[1]
            masked(thrown.stackTraceToString()) shouldBe masked(shown)
        }

        test("each request has its own MDC, by either carrier") {
            for (carry in listOf(::carryMdc, ::carryMdcBySlf4j)) {
                withMdc {
                    printed {
                        runTest {
                            carry()
                            carryOpenTelemetry()
                            handleRequests()
                        }
                    } shouldContainExactly listOf("request 0 is answered", "request 1 is answered")
                }
            }
            guide shouldContain "request 0 is answered\nrequest 1 is answered\n"
        }
    })
