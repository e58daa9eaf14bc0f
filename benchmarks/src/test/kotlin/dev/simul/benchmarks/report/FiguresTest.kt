// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.util.Locale
import java.util.concurrent.TimeUnit

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

        test("numbers are written in the same way in each locale") {
            val before = Locale.getDefault()
            try {
                Locale.setDefault(Locale.GERMANY)
                val result = result(mapOf("simul@17" to 12.5, "kotlinx@17" to 31.25))
                Sections.of(result).tables.first().render(result) shouldContain "| yield, one task | **13** | 31 | 2.5 |"
            } finally {
                Locale.setDefault(before)
            }
        }

        test("an argument that makes no sense is named, with what there is") {
            fun refusal(
                command: String,
                vararg arguments: String,
            ) = shouldThrow<UsageError> { ReportArguments.of(command, arguments.toList()) }.message
            refusal("report", "--fast") shouldBe
                "'--fast' is not an option: there are --only, --rounds, --full, --render, --output"
            refusal("report", "--only", "cor") shouldBe
                "'cor' is no part that is measured here: there are core, bodies, growth, echo, tls, http, memory, startup"
            refusal("quick", "--only", "http") shouldContain "'http' is no part that is measured here: there are core, echo, memory"
            refusal("echo", "1024") shouldBe "'1024' is not an option: there are --rounds, --full, --json"
            refusal("report", "--rounds") shouldBe "--rounds needs a value"
            refusal("report", "--rounds", "0") shouldBe "'0' is no number of rounds: it is 1 or more"
            refusal("report", "--rounds", "some") shouldContain "'some' is no number of rounds"
        }

        test("an option that would change nothing is refused") {
            fun refusal(
                command: String,
                vararg arguments: String,
            ) = shouldThrow<UsageError> { ReportArguments.of(command, arguments.toList()) }.message
            refusal("report", "--json") shouldContain "'--json' has no meaning here"
            refusal("quick", "--full") shouldContain "'--full' has no meaning here"
            refusal("core", "--output", "folder") shouldContain "'--output' has no meaning here"
            refusal("report", "--render", "--full") shouldBe "--render measures nothing, so --full has no meaning"
            refusal("report", "--full", "--full") shouldBe "--full is there twice"
        }

        test("the recorded command measures as this run did") {
            ReportArguments.of("report", listOf("--only", "core")).measuring shouldBe ""
            ReportArguments.of("report", listOf("--full", "--rounds", "4")).measuring shouldBe " --rounds 4 --full"
        }

        test("a program that fails does not end the report, and is named") {
            testBench { bench ->
                val figures = bench.figures("sh", listOf("sh", "-c", "echo row 3; exit 1"))
                figures shouldBe listOf(Figure("row", "sh", 3.0))
                bench.figures("nothing", listOf("/nothing/of/that/name")) shouldBe emptyList()
                bench.failed.map { it.substringBefore(':') } shouldBe listOf("sh", "nothing")
            }
        }

        test("a program that fails in one round and works in another one has not failed") {
            testBench { bench ->
                bench.figures("sh", listOf("sh", "-c", "echo row 3"))
                bench.figures("sh", listOf("sh", "-c", "exit 1"))
                bench.failed shouldBe emptyList()
            }
        }

        test("once its owner closes, no program is started any more, and nothing passes for a failure of one") {
            testBench { bench ->
                bench.processes.close()
                shouldThrow<Processes.Stopped> { bench.figures("sh", listOf("sh", "-c", "echo row 3")) }
                bench.failed shouldBe emptyList()
            }
        }

        test("a program that a signal has ended ends the report") {
            testBench { bench ->
                val command = listOf("sh", "-c", "kill -TERM $$")
                shouldThrow<Processes.Stopped> { bench.figures("sh", command) }.message shouldBe "a signal has ended sh"
            }
        }

        test("a program that takes too long is ended with those that it has started") {
            testBench { bench ->
                val output = bench.processes.run(listOf("sh", "-c", "sleep 3600 & echo $!; wait"), mostSeconds = 1)
                output.succeeded shouldBe false
                val child = output.lines.single().toLong()
                ProcessHandle.of(child).ifPresent { it.onExit().get(10, TimeUnit.SECONDS) }
            }
        }

        test("a server that does not come up is named") {
            testBench { bench ->
                val port = bench.processes.freePort()
                shouldThrow<IllegalStateException> {
                    bench.processes.serve(
                        "sh",
                        port,
                        listOf("sh", "-c", "echo no; exit 1"),
                    )
                }.message shouldContain
                    "the server sh ended"
            }
        }

        test("the JVMs of the start-up have no options but the class path") {
            testBench { bench ->
                val command = bench.processes.plainJvm("Main", "simul")
                command.filter { it.startsWith("-") } shouldBe listOf("-cp")
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

private fun result(times: Map<String, Double>) =
    PartResult(
        "core",
        "2026-01-02",
        "./simul bench core",
        "2 processors",
        emptyMap(),
        emptyList(),
        emptyList(),
        times.map { (program, time) -> Figure("yieldAlone", program, time) },
    )

private fun testBench(test: (Bench) -> Unit) =
    Processes("figures").use { test(Bench(Settings.standard(2), Toolchain(Path.of("").toAbsolutePath(), it), it)) }
