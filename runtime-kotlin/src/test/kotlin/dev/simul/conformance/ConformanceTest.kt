// SPDX-License-Identifier: Apache-2.0
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
        /** Runs every program on a machine of its own, and fails unless all leave CPython's trace, as far as [seen]. */
        fun runAll(
            corpus: Corpus,
            seen: (List<String>) -> List<String> = { it },
            run: (Program) -> List<String>,
        ) {
            val programs = corpus.programs()
            programs.size shouldBe corpus.size
            val differences =
                programs.mapNotNull { program ->
                    difference(seen(recordedTrace(program)), seen(run(readProgram(program))))
                        ?.let { "program ${program.getValue("id").jsonPrimitive.content}: $it" }
                }
            println("${programs.size - differences.size} of ${programs.size} programs of $corpus have the trace that CPython leaves")
            withClue("${differences.size} programs differ, among them\n${differences.take(5).joinToString("\n")}") {
                differences.size shouldBe 0
            }
        }

        for (corpus in Corpus.entries) {
            test(
                "all ${corpus.size} programs of $corpus have the trace that CPython leaves",
            ).config(blockingTest = true, timeout = 5.minutes) {
                runAll(corpus) { Machine(it).run() }
            }

            test("so do those of $corpus while a selector is asked in each turn").config(blockingTest = true, timeout = 5.minutes) {
                val pipe = Pipe.open()
                pipe.source().configureBlocking(false)
                runAll(corpus) { program ->
                    val poller = NioPoller()
                    poller.register(pipe.source()).interestOps(SelectionKey.OP_READ)
                    Machine(program, VirtualTime(poller)).run().also { poller.close() }
                }
                pipe.source().close()
                pipe.sink().close()
            }
        }

        test("reading into a buffer gives what reading an array gives").config(blockingTest = true, timeout = 5.minutes) {
            // What is received into a task's own buffer does not count for the reader's limit.
            val withoutPauses = { trace: List<String> ->
                trace.filterNot { it.endsWith(" pause_reading") || it.endsWith(" resume_reading") }.map { it.replace(" paused", "") }
            }
            runAll(Corpus.STREAMS, withoutPauses) { Machine(it, readsIntoBuffers = true).run() }
        }

        test("the machine knows exactly the operations of the grammar") {
            operations.keys shouldBe grammar.keys
        }
    })
