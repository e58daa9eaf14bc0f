// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class CompositeTest :
    FunSpec({
        val task =
            mapOf(
                "id" to 7L,
                "name" to "save",
                "state" to "waiting",
                "coroutine" to "shop.Shop.save(Shop.kt:1)",
                "waitingFor" to "waiting for sleep",
                "awaits" to longArrayOf(8, 9),
                "cancelling" to 1,
                "cancellation" to arrayOf("asked"),
                "ageNanos" to 5L,
                "timeOnLoopNanos" to -1L,
                "stack" to arrayOf("shop.Shop.save(Shop.kt:1)"),
            )

        test("a loop is read by its keys, and what is -1 is not known") {
            val loop =
                mapOf(
                    "id" to 2,
                    "thread" to "main",
                    "state" to "running",
                    "answered" to false,
                    "busyNanos" to 3L,
                    "busyTask" to 7L,
                    "busyStack" to arrayOf("shop.Shop.spin(Shop.kt:2)"),
                    "metrics" to
                        composite(
                            mapOf("turns" to 10L, "lagNanos" to 20L, "ready" to 30, "tasks" to 40, "timers" to 50, "connections" to -1),
                        ),
                    "exactTimes" to true,
                    "tasks" to arrayOf(composite(task)),
                )
            loopOf(Composite(composite(loop))) shouldBe
                LoopSnapshot(
                    id = 2,
                    thread = "main",
                    state = "running",
                    answered = false,
                    busyNanos = 3,
                    busyTask = 7,
                    busyStack = listOf("shop.Shop.spin(Shop.kt:2)"),
                    metrics = LoopMetrics(turns = 10, lagNanos = 20, ready = 30, tasks = 40, timers = 50),
                    exactTimes = true,
                    tasks =
                        listOf(
                            TaskSnapshot(
                                id = 7,
                                name = "save",
                                state = "waiting",
                                coroutine = "shop.Shop.save(Shop.kt:1)",
                                waitingFor = "sleep",
                                awaits = listOf(8, 9),
                                cancelling = 1,
                                cancellation = listOf("asked"),
                                ageNanos = 5,
                                stack = listOf("shop.Shop.save(Shop.kt:1)"),
                            ),
                        ),
                )
        }

        test("another version may leave out keys, have more, and have values of other types") {
            val other =
                mapOf("id" to 1L, "state" to 5, "answered" to "yes", "tasks" to arrayOf(composite(mapOf("id" to 3L))), "new" to "what")
            loopOf(Composite(composite(other))) shouldBe LoopSnapshot(1, "", "", tasks = listOf(TaskSnapshot(3, "", "")))
            loopOf(Composite(null)) shouldBe LoopSnapshot(0, "", "")
            Composite.compositesOf("nonsense") shouldBe emptyList()
        }
    })
