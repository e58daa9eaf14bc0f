// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.TaskSnapshot
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class TopStateTest :
    FunSpec({
        val ids = listOf(5L, 6L, 7L, 8L, 9L)

        fun TopState.pressed(vararg keys: Key) = keys.fold(this) { state, key -> state.after(key, ids, page = 3) }

        fun selected(vararg steps: Step) = TopState().pressed(*steps.map { Key.Move(it) }.toTypedArray()).selected

        test("arrows select, and stop at either end") {
            selected(Step.DOWN) shouldBe 5
            selected(Step.DOWN, Step.DOWN) shouldBe 6
            selected(Step.DOWN, Step.UP) shouldBe 5
            selected(Step.PAGE_DOWN, Step.PAGE_DOWN) shouldBe 9
            selected(Step.LAST, Step.PAGE_UP) shouldBe 6
            selected(Step.LAST, Step.FIRST) shouldBe 5
            TopState().after(Key.Move(Step.DOWN), emptyList(), 3).selected shouldBe null
        }

        test("a task that has gone is selected no more, and the first one comes next") {
            TopState(selected = 1).pressed(Key.Move(Step.DOWN)).selected shouldBe 5
            TopState(selected = 1).pressed(Key.Expand) shouldBe TopState(selected = 5, expanded = setOf(5L))
        }

        test("enter shows the stack of the selected task, again hides it, and escape hides all") {
            val expanded = TopState(selected = 6).pressed(Key.Expand)
            expanded.expanded shouldBe setOf(6L)
            expanded.pressed(Key.Expand).expanded shouldBe emptySet<Long>()
            expanded.pressed(Key.Escape).expanded shouldBe emptySet<Long>()
        }

        test("a filter is typed, kept by enter, and dropped by escape") {
            val typing = TopState().pressed(Key.Filter, Key.Typed("ab"), Key.Typed("c"), Key.Erase)
            typing shouldBe TopState(filter = "ab", isTyping = true)
            typing.pressed(Key.Expand) shouldBe TopState(filter = "ab")
            typing.pressed(Key.Escape) shouldBe TopState()
            typing.pressed(Key.Expand, Key.Escape) shouldBe TopState()
        }

        test("an order is chosen by its key, and turned round") {
            TopState().pressed(Key.Sort(Order.AGE), Key.Reverse) shouldBe TopState(order = Order.AGE, isReversed = true)
            TopState(isReversed = true).pressed(Key.Sort(Order.AGE)) shouldBe TopState(order = Order.AGE)
        }

        test("help and pause begin and end by their keys, help by escape too") {
            TopState().pressed(Key.Help).showsHelp shouldBe true
            TopState().pressed(Key.Help, Key.Escape) shouldBe TopState()
            TopState().pressed(Key.Pause).isPaused shouldBe true
            TopState().pressed(Key.Pause, Key.Pause) shouldBe TopState()
        }

        context("rows") {
            fun task(
                id: Long,
                name: String,
                time: Long?,
                age: Long?,
                waiting: Long?,
            ) = TaskSnapshot(
                id,
                name,
                "waiting",
                "Shop.$name(Shop.kt:1)",
                "lock of $name",
                ageNanos = age,
                timeOnLoopNanos = time,
                waitingNanos = waiting,
            )

            val tasks = listOf(task(1, "b", 5, 7, null), task(2, "a", 9, 6, 3), task(3, "c", null, 8, 4))
            val before = Sample(0, listOf(LoopSnapshot(1, "main", "idle", tasks = listOf(tasks[0].copy(timeOnLoopNanos = 0), tasks[1]))))
            val now = Sample(10, listOf(LoopSnapshot(1, "main", "idle", tasks = tasks)))

            fun order(state: TopState) = rowsOf(now, Activity(before, now), state).map { it.task.id }

            test("each order puts the most remarkable tasks first, and those of which nothing is known last") {
                order(TopState()) shouldBe listOf(1, 2, 3)
                order(TopState(order = Order.TIME)) shouldBe listOf(2, 1, 3)
                order(TopState(order = Order.AGE)) shouldBe listOf(3, 1, 2)
                order(TopState(order = Order.WAITED)) shouldBe listOf(3, 2, 1)
                order(TopState(order = Order.NAME)) shouldBe listOf(2, 1, 3)
                order(TopState(order = Order.NAME, isReversed = true)) shouldBe listOf(3, 1, 2)
            }

            test("tasks between which the order decides nothing are turned round with it") {
                val ageless = Sample(10, listOf(LoopSnapshot(1, "main", "idle", tasks = tasks.map { it.copy(ageNanos = null) })))

                fun order(state: TopState) = rowsOf(ageless, Activity(before, ageless), state).map { it.task.id }
                order(TopState(order = Order.AGE)) shouldBe listOf(1, 2, 3)
                order(TopState(order = Order.AGE, isReversed = true)) shouldBe listOf(3, 2, 1)
            }

            test("a filter looks at names, coroutines and what is waited for, in either case") {
                order(TopState(filter = "SHOP.C")) shouldBe listOf(3)
                order(TopState(filter = "lock of a")) shouldBe listOf(2)
                order(TopState(filter = "nothing")) shouldBe emptyList()
            }
        }
    })
