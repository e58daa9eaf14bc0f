// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.Program
import dev.simul.tools.repl.Terminal
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain

/** At a real terminal, against a program that tells of loops which it does not have. */
class TopTest :
    FunSpec({
        fun fake() = Program("dev.simul.tools.inspect.FakeLoops", "shapes").awaitLine("ready")

        fun at(
            program: Program,
            rows: Int = 24,
            columns: Int = 100,
            test: PtyScreen.() -> Unit,
        ) = PtyScreen(rows, columns, "top", "--interval", "0.2", "${program.pid}").use(test)

        fun PtyScreen.order() = lines.mapNotNull { Regex("^ +\\d+ +\\d+ +(Task-1|save|spend|crunch) ").find(it)?.groupValues?.get(1) }

        test("somebody sorts, selects, expands, filters, pauses, asks for help and quits").config(enabled = Terminal.isThere) {
            fake().use { program ->
                at(program) {
                    await("task name")
                    lines.first() shouldContain "simul top   ${program.pid} dev.simul.tools.inspect.FakeLoops shapes   4 tasks   every"
                    awaitThat("shares are known") { Regex("Task-1 +\\d\\d\\.\\d% ").containsMatchIn(it) }
                    order() shouldBe listOf("Task-1", "save", "spend", "crunch")
                    lines.last() shouldContain "q quit"

                    type("a")
                    awaitThat("the oldest is first") { "age▼" in it && order().first() == "crunch" }
                    type("r")
                    awaitThat("the youngest is first") { "age▲" in it && order().first() == "Task-1" }
                    type("n")
                    await("task name▼")

                    type(PtyScreen.DOWN + PtyScreen.DOWN + PtyScreen.DOWN + "\r")
                    await("|   async shop.Shop.inner2(Shop.kt:12)")
                    await("+ awaited by Task-1")
                    type(" ")
                    awaitThat("the stack is hidden") { "inner2" !in it }

                    type("/sp")
                    await("filter: sp_")
                    type("e\r")
                    awaitThat("one is left") { order() == listOf("spend") && "1 task with 'spe'" in it && "q quit" in it }
                    type(PtyScreen.ESCAPE)
                    awaitThat("all are back") { order().size == 4 }

                    type("?")
                    await("turn the order round")
                    type("?")
                    await("task name▼")

                    type("p")
                    await("PAUSED")
                    type("p")
                    awaitThat("it goes on") { "PAUSED" !in it }

                    type("q")
                    end() shouldBe 0
                    raw shouldContain PtyScreen.ENTER_ALTERNATE
                    raw.substringAfter(PtyScreen.LEAVE_ALTERNATE) shouldNotContain "task"
                }
                program.end().shouldBeEmpty()
            }
        }

        test("a screen of another size is drawn anew").config(enabled = Terminal.isThere) {
            fake().use { program ->
                at(program) {
                    await("task name")
                    resize(12, 140)
                    awaitThat("it is wide, and the keys are in the last line") { "coroutine" in it && "q quit" in lines.last() }
                    resize(30, 60)
                    awaitThat(
                        "it is narrow and high",
                    ) { "coroutine" !in it && "q quit" in lines.last() && lines.first().startsWith("simul top") }
                    type("q")
                    end() shouldBe 0
                }
            }
        }

        test("Ctrl-C restores the screen, and Ctrl-Z does nothing").config(enabled = Terminal.isThere) {
            fake().use { program ->
                at(program) {
                    await("task name")
                    type(PtyScreen.CTRL_Z)
                    type("a")
                    await("age▼")
                    type(PtyScreen.CTRL_C)
                    end() shouldBe 130
                    raw shouldContain PtyScreen.LEAVE_ALTERNATE
                    program.isAlive shouldBe true
                }
            }
        }

        test("a signal restores the screen, too").config(enabled = Terminal.isThere) {
            fake().use { program ->
                at(program) {
                    await("task name")
                    terminate()
                    end()
                    raw shouldContain PtyScreen.LEAVE_ALTERNATE
                }
            }
        }

        test("a program that ends ends it, and it says so below what was on the screen before").config(enabled = Terminal.isThere) {
            fake().use { program ->
                at(program) {
                    await("task name")
                    program.kill()
                    end() shouldBe 3
                    raw.substringAfter(PtyScreen.LEAVE_ALTERNATE).trim() shouldEndWith "simul top: process ${program.pid} has ended"
                }
            }
        }

        test("a terminal that cannot move its cursor is told in a line").config(enabled = Terminal.isThere) {
            fake().use { program ->
                PtyScreen(24, 200, "top", "${program.pid}", type = "dumb").use {
                    it.end() shouldBe 2
                    it.raw.trim().lines().size shouldBe 1
                    it.raw shouldContain "cannot move its cursor"
                }
            }
        }
    })
