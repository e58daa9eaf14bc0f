package dev.simul.conformance

import dev.simul.loop.NioPoller
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.jsonPrimitive
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey
import kotlin.time.Duration.Companion.minutes

class ConformanceTest :
    FunSpec({
        /** Runs every program on a machine of its own, and fails unless all leave CPython's trace. */
        fun runAll(run: (Program) -> List<String>) {
            val programs = corpus()
            programs.size shouldBe 3_000
            val differences =
                programs.mapNotNull { program ->
                    difference(recordedTrace(program), run(readProgram(program)))
                        ?.let { "program ${program.getValue("id").jsonPrimitive.content}: $it" }
                }
            println("${programs.size - differences.size} of ${programs.size} programs leave CPython's trace")
            withClue("${differences.size} programs differ, among them\n${differences.take(5).joinToString("\n")}") {
                differences.size shouldBe 0
            }
        }

        test("all 3,000 programs leave the trace that CPython left").config(blockingTest = true, timeout = 5.minutes) {
            runAll { Machine(it).run() }
        }

        test("so they do while a selector is asked in each turn").config(blockingTest = true, timeout = 5.minutes) {
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            runAll { program ->
                val poller = NioPoller()
                poller.register(pipe.source()).interestOps(SelectionKey.OP_READ)
                Machine(program, VirtualTime(poller)).run().also { poller.close() }
            }
            pipe.source().close()
            pipe.sink().close()
        }

        test("the machine knows exactly the operations of the grammar") {
            operations.keys shouldBe grammar.keys
        }
    })
