// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.withMdc
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class TraceSamplesTest :
    FunSpec({
        fun masked(trace: String) =
            DiagnosisGuide
                .masked(trace)
                .replace(Regex(" *at awaited.by\\(thread [^)]*\\).*", RegexOption.DOT_MATCHES_ALL), "")
                .lines()
                .joinToString("\n") { it.trim() }
                .trim()

        test("the trace is the one that the guide shows") {
            val thrown = shouldThrow<NoSuchElementException> { runTest { printBalance() } }
            masked(thrown.stackTraceToString()) shouldBe masked(DiagnosisGuide.block("NoSuchElementException"))
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
            DiagnosisGuide.text shouldContain "request 0 is answered\nrequest 1 is answered\n"
        }
    })
