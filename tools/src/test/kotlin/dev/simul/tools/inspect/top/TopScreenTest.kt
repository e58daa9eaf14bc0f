// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.LoopMetrics
import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.Palette
import dev.simul.tools.inspect.TaskSnapshot
import dev.simul.tools.inspect.text
import dev.simul.tools.inspect.widthOf
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith

class TopScreenTest :
    FunSpec({
        val second = 1_000_000_000L
        val crunch =
            TaskSnapshot(
                7,
                "crunch",
                "ready",
                "shop.Shop.crunch(Shop.kt:7)",
                ageNanos = 65 * second,
                timeOnLoopNanos = 3 * second,
                stack = listOf("async shop.Shop.step(Shop.kt:9)", "async shop.Shop.crunch(Shop.kt:7)"),
            )
        val save =
            TaskSnapshot(
                8,
                "save",
                "waiting",
                "shop.Shop.save(Shop.kt:3)",
                "Lock.acquire of orders",
                listOf(7),
                cancelling = 1,
                cancellation = listOf("asked by Task-1: enough"),
                ageNanos = 3 * second,
                timeOnLoopNanos = 20_000,
                waitingNanos = 2 * second,
            )
        val metrics = LoopMetrics(1000, 340_000, 1, 2, 3, 4)
        val main = LoopSnapshot(1, "main", "running", metrics = metrics, exactTimes = true, tasks = listOf(save, crunch))
        val earlier = main.copy(metrics = metrics.copy(turns = 400), tasks = listOf(save, crunch.copy(timeOnLoopNanos = second * 5 / 2)))

        fun view(
            state: TopState = TopState(),
            loops: List<LoopSnapshot> = listOf(main),
            notice: String? = null,
        ): TopView {
            val now = Sample(second, loops)
            return TopView("123 shop.Main", "1s", now, Activity(Sample(0, listOf(earlier)), now), state, notice)
        }

        test("a screen has the loops, the tasks in their order, and the keys") {
            TopScreen(10, 80).draw(view()).text() shouldBe
                """
                simul top   123 shop.Main   2 tasks   every 1s
                loop  thread  state     busy     lag  turns/s  ready  tasks  timers  conns
                   1  main    running  50.0%  0.34ms      600      1      2       3      4

                task id  task name    %loop▼     time      age   waited  waiting for
                      7  crunch        50.0%     3.0s    1m05s        -  (ready)
                      8  save           0.0%   0.02ms     3.0s     2.0s  asked to cancel 1 tim…


                q quit  ? help  ↑↓ select  enter stack  / filter  p pause   sort by: l %loop  t…
                """.trimIndent()
        }

        test("each line fits, and there are as many as the screen has, whatever its size") {
            for (rows in listOf(1, 3, 6, 24, 60)) {
                for (columns in listOf(20, 40, 80, 132, 200)) {
                    for (state in listOf(TopState(), TopState(selected = 8, expanded = setOf(7, 8)), TopState(showsHelp = true))) {
                        val lines = TopScreen(rows, columns).draw(view(state, notice = "no answer from it"))
                        lines.size shouldBe rows
                        lines.forEach { widthOf(it) shouldBeLessThanOrEqual columns }
                    }
                }
            }
        }

        test("a wide screen has the coroutines too, several loops a column, and a wedged one its lines") {
            val wedged =
                LoopSnapshot(
                    2,
                    "worker",
                    "running",
                    answered = false,
                    busyNanos = 3 * second,
                    busyTask = 7,
                    busyStack = listOf("shop.Shop.spin(Shop.kt:20)", "a.B.c(B.kt:1)", "a.B.d(B.kt:1)", "a.B.e(B.kt:1)"),
                    tasks = listOf(crunch),
                )
            val lines = TopScreen(20, 160).draw(view(loops = listOf(main.copy(tasks = listOf(save)), wedged)))
            lines.single {
                "did not answer" in it
            } shouldStartWith "  + it did not answer within 200 ms: it has been busy for 3.0s in crunch;"
            lines shouldContain "  |   Shop.spin(Shop.kt:20)"
            lines shouldNotContain "  |   B.e(B.kt:1)"
            lines.single { "task name" in it } shouldContain Regex("task id +loop +task name .* coroutine")
            lines.single { "crunch" in it && "(ready)" in it } shouldContain Regex("^ +7 +2 +crunch .* Shop.crunch\\(Shop.kt:7\\)$")
        }

        test("an expanded task has its stack below it, and all that is known of it") {
            val lines = TopScreen(20, 100).draw(view(TopState(expanded = setOf(7, 8)))).map { it.trimEnd() }
            val at = lines.indexOfFirst { it.trim().startsWith("7  crunch") }
            lines.subList(at + 1, at + 6) shouldBe
                listOf(
                    "      + runs shop.Shop.crunch(Shop.kt:7)",
                    "      + ready",
                    "      + awaited by save",
                    "      |   async shop.Shop.step(Shop.kt:9)",
                    "      |   async shop.Shop.crunch(Shop.kt:7)",
                )
            lines.subList(at + 7, at + 12) shouldBe
                listOf(
                    "      + runs shop.Shop.save(Shop.kt:3)",
                    "      + waiting for Lock.acquire of orders",
                    "      + asked to cancel 1 time",
                    "      + asked by Task-1: enough",
                    "      |   (its stack comes with the next look)",
                )
        }

        test("the selected task is always on the screen, with its stack where that fits") {
            val many = List(1_000) { TaskSnapshot(100L + it, "t$it", "waiting", timeOnLoopNanos = 0) }
            for (selected in listOf(100L, 112L, 500L, 1_099L)) {
                val state = TopState(selected = selected, expanded = setOf(selected))
                val lines = TopScreen(12, 80).draw(view(state, listOf(main.copy(tasks = many))))
                lines.count { it.trim().startsWith("$selected ") } shouldBe 1
                lines.count { "its stack comes" in it } shouldBe 1
                lines.size shouldBe 12
            }
        }

        test("the title tells of a pause, a filter and of what went wrong; the last line of a filter that is typed") {
            val state = TopState(filter = "cr", isTyping = true, isPaused = true)
            val lines = TopScreen(10, 100).draw(view(state, notice = "process 123 did not answer"))
            lines.first() shouldBe "simul top   123 shop.Main   1 task with 'cr'   every 1s   PAUSED   process 123 did not answer"
            lines.last() shouldBe "filter: cr_   (enter keeps it, esc drops it)"
            lines.none { "save" in it } shouldBe true
        }

        test("the help tells each key") {
            val help = TopScreen(24, 100).draw(view(TopState(showsHelp = true))).text()
            for (key in listOf(
                "q, Ctrl-C",
                "enter, space",
                "/",
                "esc",
                "l   sort",
                "t   sort",
                "a   sort",
                "w   sort",
                "n   sort",
                "r   turn",
                "p   pause",
                "?",
            )) {
                help shouldContain key
            }
        }

        test("there are more loops than fit: the busiest are shown, and the rest counted") {
            val loops = List(30) { main.copy(id = it + 1, tasks = emptyList(), busyNanos = it * second / 100) }
            val lines = TopScreen(24, 100).draw(view(loops = loops))
            lines[2] shouldStartWith "  25  main"
            lines[8] shouldBe "and 24 loops more, which are less busy"
        }

        test("without a screen there is all of it, and no line of keys") {
            val lines = TopScreen(null, null).draw(view())
            lines.size shouldBe 7
            lines.last() shouldContain "asked to cancel 1 time, Lock.acquire of orders"
        }

        test("the order's column is marked, and marked otherwise where it is turned round") {
            TopScreen(10, 100).draw(view(TopState(order = Order.AGE))).single { "task name" in it } shouldContain "age▼"
            TopScreen(10, 100).draw(view(TopState(order = Order.AGE, isReversed = true))).single { "task name" in it } shouldContain "age▲"
        }

        test("colors change nothing but colors") {
            val state = TopState(selected = 8, expanded = setOf(7))
            val colored = TopScreen(20, 100, Palette(isColored = true)).draw(view(state))
            colored.map { it.replace(Regex("\u001b\\[[0-9;]*m"), "") } shouldBe TopScreen(20, 100).draw(view(state))
        }
    })
