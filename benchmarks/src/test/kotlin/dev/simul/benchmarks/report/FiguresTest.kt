// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

class FiguresTest :
    FunSpec({
        test("a line is a name and a value, or an object that says whose it is; other lines are none") {
            Figure.ofLine("yieldAlone 12.5", "go") shouldBe Figure("yieldAlone", "go", 12.5)
            Figure.ofLine("""{"row":"timer","program":"simul","value":72.0}""", "java") shouldBe Figure("timer", "simul", 72.0)
            Figure.ofLine("hello", "go") shouldBe null
            Figure.ofLine("a b", "go") shouldBe null
        }

        test("JMH's results are named by their methods, and belong to the program of their class") {
            val json =
                """
                [
                  {"benchmark": "dev.simul.benchmarks.CoreBenchmark.yieldAlone", "primaryMetric": {"score": 12.25, "scoreUnit": "ns/op"}},
                  {"benchmark": "dev.simul.benchmarks.KotlinxBenchmark.yieldAlone", "primaryMetric": {"score": 20.5, "scoreUnit": "ns/op"}}
                ]
                """.trimIndent()
            Jmh.read(json) { it }.shouldContainExactly(
                Figure("yieldAlone", "CoreBenchmark", 12.25),
                Figure("yieldAlone", "KotlinxBenchmark", 20.5),
            )
        }

        test("a row of the HTTP benchmark is a value of Simul's and one of the peer's") {
            fun row(name: String) = """{"row":"$name","peer":"go","simul":100,"other":80,"ratio":1.250}"""
            HttpPart.figuresOf(row("Client by hand, 64 connections, 1 KiB, TLS, 1 processor")) shouldBe
                listOf(Figure("client/TLS", "simul", 100.0), Figure("client/TLS", "go", 80.0))
            HttpPart.figuresOf(row("Ktor server, p99.9 in µs at 2000 requests a second")).first() shouldBe
                Figure("server/p99.9", "simul-ktor", 100.0)
            HttpPart.figuresOf(row("JDK client, 64 connections, 1 KiB, TCP, 1 processor")).first() shouldBe
                Figure("client/TCP", "simul-jdk", 100.0)
        }

        test("a client that failed has no value") {
            val row = "Client by hand, 64 connections, 1 KiB, TCP, 1 processor"
            val line = """{"row":"$row","peer":"go","simul":null,"other":80,"ratio":null}"""
            HttpPart.figuresOf(line) shouldBe listOf(Figure("client/TCP", "go", 80.0))
        }

        test("values have three digits that count") {
            listOf(9.84, 12.02, 254_321.0, 999.6, 1_000.0).map(::threeDigits) shouldBe listOf("9.8", "12", "254,000", "1,000", "1,000")
        }

        test("an option that does not exist is named, with those that do") {
            shouldThrow<IllegalStateException> { ReportArguments.of(listOf("--fast")) }.message shouldContain "'--fast' is not an option"
        }

        test("a program that fails does not end the report, and is named") {
            testBench { bench ->
                val figures = bench.figures("sh", listOf("sh", "-c", "echo row 3; exit 1"))
                figures shouldBe listOf(Figure("row", "sh", 3.0))
                bench.figures("nothing", listOf("/nothing/of/that/name")) shouldBe emptyList()
                bench.failed.map { it.substringBefore(':') } shouldBe listOf("sh", "nothing")
            }
        }

        test("of several rounds the best one counts") {
            testBench { bench ->
                val times = ArrayDeque(listOf(3.0, 2.0))
                bench.inRounds { listOf(Figure("row", "simul", times.removeFirst())) } shouldBe listOf(Figure("row", "simul", 2.0))
                val rates = ArrayDeque(listOf(3.0, 2.0))
                bench.inRounds(lowerIsBetter = false) { listOf(Figure("row", "simul", rates.removeFirst())) } shouldBe
                    listOf(Figure("row", "simul", 3.0))
            }
        }
    })

private fun testBench(test: (Bench) -> Unit) =
    Processes("figures").use { test(Bench(Settings.standard(2), Toolchain(Path.of("").toAbsolutePath(), it), it)) }
