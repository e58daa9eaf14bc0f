// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class TaskTreeTest :
    FunSpec({
        fun treeOf(vararg awaits: Pair<String, List<String>>) = TaskTree().of(listOf(loop(tasks(*awaits)))).text()

        test("a chain goes down a level with each task") {
            treeOf("a" to listOf("b"), "b" to listOf("c"), "c" to emptyList()) shouldBe
                """
                loop 1 in thread main: idle, 3 tasks
                └── (T) a  Shop.run(Shop.kt:1)  waiting for b
                    └── (T) b  Shop.run(Shop.kt:2)  waiting for c
                        └── (T) c  Shop.run(Shop.kt:3)  waiting for sleep
                """.trimIndent()
        }

        test("what several tasks await is below each, and what that awaits only once") {
            treeOf("a" to listOf("b", "c"), "b" to listOf("d"), "c" to listOf("d"), "d" to listOf("e"), "e" to emptyList()) shouldBe
                """
                loop 1 in thread main: idle, 5 tasks
                └── (T) a  Shop.run(Shop.kt:1)  waiting for b, c
                    ├── (T) b  Shop.run(Shop.kt:2)  waiting for d
                    │   └── (T) d  Shop.run(Shop.kt:4)  waiting for e
                    │       └── (T) e  Shop.run(Shop.kt:5)  waiting for sleep
                    └── (T) c  Shop.run(Shop.kt:3)  waiting for d
                        └── (T) d  Shop.run(Shop.kt:4)  waiting for e  (what it awaits is shown above)
                """.trimIndent()
        }

        test("a group's or a gather's tasks are side by side, and tasks that nobody awaits too") {
            treeOf("a" to listOf("b", "c"), "b" to emptyList(), "c" to emptyList(), "d" to emptyList()) shouldBe
                """
                loop 1 in thread main: idle, 4 tasks
                ├── (T) a  Shop.run(Shop.kt:1)  waiting for b, c
                │   ├── (T) b  Shop.run(Shop.kt:2)  waiting for sleep
                │   └── (T) c  Shop.run(Shop.kt:3)  waiting for sleep
                └── (T) d  Shop.run(Shop.kt:4)  waiting for sleep
                """.trimIndent()
        }

        test("a cycle is named, and the tree says where it closes") {
            treeOf("a" to listOf("b"), "b" to listOf("c"), "c" to listOf("b")) shouldBe
                """
                cycle: b → c → b

                loop 1 in thread main: idle, 3 tasks
                └── (T) a  Shop.run(Shop.kt:1)  waiting for b
                    └── (T) b  Shop.run(Shop.kt:2)  waiting for c
                        └── (T) c  Shop.run(Shop.kt:3)  waiting for b
                            └── (T) b  Shop.run(Shop.kt:2)  waiting for c  (cycle: it is also above)
                """.trimIndent()
        }

        test("a cycle that nobody else awaits begins at its oldest task, also if that awaits itself") {
            treeOf("a" to listOf("b"), "b" to listOf("a"), "c" to listOf("c")) shouldBe
                """
                cycle: a → b → a
                cycle: c → c

                loop 1 in thread main: idle, 3 tasks
                ├── (T) a  Shop.run(Shop.kt:1)  waiting for b
                │   └── (T) b  Shop.run(Shop.kt:2)  waiting for a
                │       └── (T) a  Shop.run(Shop.kt:1)  waiting for b  (cycle: it is also above)
                └── (T) c  Shop.run(Shop.kt:3)  waiting for c
                    └── (T) c  Shop.run(Shop.kt:3)  waiting for c  (cycle: it is also above)
                """.trimIndent()
        }

        test("each loop has its trees, and a task of another loop is below the one that awaits it") {
            val all = tasks("a" to listOf("c"), "b" to emptyList(), "c" to emptyList())
            TaskTree().of(listOf(loop(all.take(2)), loop(all.drop(2), id = 2, thread = "worker"))).text() shouldBe
                """
                loop 1 in thread main: idle, 2 tasks
                ├── (T) a  Shop.run(Shop.kt:1)  waiting for c
                │   └── (T) c  Shop.run(Shop.kt:3)  waiting for sleep
                └── (T) b  Shop.run(Shop.kt:2)  waiting for sleep

                loop 2 in thread worker: idle, 1 task
                """.trimIndent()
        }

        test("stacks and cancellations are between a task and what it awaits") {
            val (a, b) = tasks("a" to listOf("b"), "b" to emptyList())
            val asked = a.copy(cancelling = 1, cancellation = listOf("asked by Task-1: enough"), stack = listOf("async shop.A.run(A.kt:1)"))
            val tree = TaskTree(stacks = true).of(listOf(loop(listOf(asked, b.copy(stack = listOf("shop.B.run(B.java:2)"))))))
            tree.text() shouldBe
                """
                loop 1 in thread main: idle, 2 tasks
                └── (T) a  Shop.run(Shop.kt:1)  waiting for b  asked to cancel 1 time
                    │ + asked by Task-1: enough
                    │ |   async shop.A.run(A.kt:1)
                    └── (T) b  Shop.run(Shop.kt:2)  waiting for sleep
                          |   shop.B.run(B.java:2)
                """.trimIndent()
        }

        test("lines are cut to the width of a terminal") {
            val tree = TaskTree(width = 40).of(listOf(loop(tasks("a" to listOf("b"), "b" to emptyList()))))
            tree.drop(1).text() shouldBe
                """
                └── (T) a  Shop.run(Shop.kt:1)  waiting…
                    └── (T) b  Shop.run(Shop.kt:2)  wai…
                """.trimIndent()
        }

        test("a chain of thousands ends where nobody would read on, and overflows no stack") {
            val chain = Array(20_000) { "t$it" to if (it < 19_999) listOf("t${it + 1}") else emptyList() }
            val lines = treeOf(*chain).lines()
            lines.last() shouldContain "(more below: 'simul ps' lists all tasks)"
            lines.size shouldBe 201
        }

        test("layers of tasks, each of which awaits the whole next layer, do not multiply") {
            val layers = 20
            val tasks = List(layers) { layer -> List(5) { "$layer-$it" } }
            val awaits = tasks.flatMapIndexed { layer, names -> names.map { it to tasks.getOrElse(layer + 1) { emptyList() } } }
            treeOf(*awaits.toTypedArray()).lines().size shouldBeLessThan layers * 5 * 6
        }

        test("thousands of tasks of a group take a line each") {
            val names = List(5_000) { "t$it" }
            treeOf("all" to names, *names.map { it to emptyList<String>() }.toTypedArray()).lines().size shouldBe 5_002
        }
    })
