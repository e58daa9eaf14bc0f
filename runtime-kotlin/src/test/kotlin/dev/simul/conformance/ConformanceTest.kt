package dev.simul.conformance

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.jsonPrimitive
import kotlin.time.Duration.Companion.minutes

class ConformanceTest :
    FunSpec({
        test("all 3,000 programs leave the trace that CPython left").config(blockingTest = true, timeout = 5.minutes) {
            val programs = corpus()
            programs.size shouldBe 3_000
            val differences =
                programs.mapNotNull { program ->
                    difference(recordedTrace(program), Machine(readProgram(program)).run())
                        ?.let { "program ${program.getValue("id").jsonPrimitive.content}: $it" }
                }
            println("${programs.size - differences.size} of ${programs.size} programs leave CPython's trace")
            withClue("${differences.size} programs differ, among them\n${differences.take(5).joinToString("\n")}") {
                differences.size shouldBe 0
            }
        }

        test("the machine knows exactly the operations of the grammar") {
            operations.keys shouldBe grammar.keys
        }
    })
