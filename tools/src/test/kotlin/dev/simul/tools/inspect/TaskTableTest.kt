// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class TaskTableTest :
    FunSpec({
        val group = tasks("main" to listOf("save", "spend"), "save" to emptyList(), "spend" to emptyList())

        test("each task has a line, and a column what it does not fit into") {
            TaskTable().of(listOf(loop(group))).text() shouldBe
                """
                loop 1 in thread main: idle, 3 tasks
                task id  task name  state    coroutine           waiting for  awaiter name  cancelling
                      1  main       waiting  Shop.run(Shop.kt:1)  save, spend
                      2  save       waiting  Shop.run(Shop.kt:2)  sleep        main
                      3  spend      waiting  Shop.run(Shop.kt:3)  sleep        main
                """.trimIndent().replace("coroutine  ", "coroutine   ")
        }

        test("ages, cancellations, stacks and figures are shown where they are known") {
            val task = group[1].copy(state = "ready", waitingFor = null, ageNanos = 83_000_000_000, cancelling = 2)
            val told = task.copy(cancellation = listOf("asked by main: enough"), stack = listOf("async shop.A.run(A.kt:1)"))
            val loop = loop(listOf(told)).copy(state = "running", metrics = LoopMetrics(1, 250_000, 1, 1, 2, 1))
            TaskTable(stacks = true).of(listOf(loop)).text() shouldBe
                """
                loop 1 in thread main: running, 1 task, 1 ready, 2 timers, 1 connection, lag 0.25ms
                task id  task name  state    age  coroutine            waiting for  awaiter name  cancelling
                      2  save       ready  1m23s  Shop.run(Shop.kt:2)                                      2
                  + asked by main: enough
                  |   async shop.A.run(A.kt:1)
                """.trimIndent()
        }

        test("a loop that did not answer says since when, in which task and in which lines") {
            val wedged =
                loop(
                    group,
                ).copy(
                    state = "running",
                    answered = false,
                    busyNanos = 3_240_000_000,
                    busyTask = 2,
                    busyStack = listOf("shop.A.spin(A.kt:7)"),
                )
            TaskTable().of(listOf(wedged)).take(3).text() shouldBe
                """
                loop 1 in thread main: running, 3 tasks
                  + it did not answer within 200 ms: it has been busy for 3.2s in save; this was read while it ran, and may be a state that never was
                  |   shop.A.spin(A.kt:7)
                """.trimIndent()
        }

        test("a loop that did not answer although it waits is not called busy") {
            val mute = loop(group).copy(answered = false)
            TaskTable().of(listOf(mute))[1] shouldBe
                "  + it did not answer within 200 ms; this was read while it ran, and may be a state that never was"
            val unknown = mute.copy(state = "running", busyTask = 3)
            TaskTable().of(listOf(unknown))[1] shouldContain "within 200 ms: it is busy in spend; this"
        }

        test("several loops have a table each, and one without tasks a line") {
            val lines = TaskTable().of(listOf(loop(group), loop(emptyList(), id = 2, thread = "worker")))
            lines.takeLast(2).text() shouldBe "\nloop 2 in thread worker: idle, 0 tasks"
        }

        test("in a terminal, long cells are cut, a coroutine's at its beginning") {
            val long = group[0].copy(name = "n".repeat(60), coroutine = "shop.LongNameOfAClass.longNameOfAMethod(Shop.kt:12)")
            val lines = TaskTable(width = 80).of(listOf(loop(listOf(long))))
            lines.forEach { widthOf(it) shouldBeLessThanOrEqual 80 }
            lines.last() shouldContain "(Shop.kt:12)"
            lines.last() shouldContain "nn…"
        }

        test("many awaiters are counted, and thousands of tasks are no trouble") {
            val names = List(5_000) { "t$it" }
            val lines = TaskTable().of(listOf(loop(tasks(*names.map { it to listOf("lock") }.toTypedArray(), "lock" to emptyList()))))
            lines.size shouldBe 5_003
            lines.last() shouldContain "t0, t1, t2 and 4997 more"
        }

        test("what a program has in its names cannot move the cursor") {
            val lines = TaskTable().of(listOf(loop(listOf(group[0].copy(name = "a\u001b[2Jb\nc")))))
            lines.size shouldBe 3
            lines.last() shouldContain "a\\u001b[2Jb\\u000ac"
            TaskTable().of(listOf(loop(group).copy(state = "\u001b[2J", thread = "\u001b[H"))).first() shouldBe
                "loop 1 in thread \\u001b[H: \\u001b[2J, 3 tasks"
        }

        test("colors are for those who see them") {
            val lines = TaskTable(palette = Palette(isColored = true)).of(listOf(loop(listOf(group[0].copy(state = "running")))))
            lines.count { "\u001b[" in it } shouldBe 3
            TaskTable().of(listOf(loop(group))).none { "\u001b" in it } shouldBe true
        }

        test("the list of JVMs says how one of them is looked into") {
            val lines = jvmLines("simul ps", listOf("123" to "shop.Main --port 80", "9" to ""))
            lines.take(3) shouldBe listOf("PID  main class", "  9  ?", "123  shop.Main --port 80")
            lines shouldContain "'simul ps PID' looks into one of these JVMs, and says so if it runs no event loop."
            jvmLines("simul ps", emptyList()) shouldBe listOf("No other JVM of this user runs on this machine.")
        }
    })
