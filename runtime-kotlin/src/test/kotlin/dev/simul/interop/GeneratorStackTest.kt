// SPDX-License-Identifier: Apache-2.0
package dev.simul.interop

import dev.simul.exceptions.StopIteration
import dev.simul.generators.contextManager
import dev.simul.generators.generator
import dev.simul.generators.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class GeneratorStackTest :
    FunSpec({
        fun walk(
            depth: Int,
            stack: GeneratorStack<Int, Int>,
        ) {
            if (depth == 0) return
            walk(depth - 1, stack)
            stack.yield(depth)
        }

        test("functions that the body calls yield for it") {
            generator<Int, Int, Unit>(onOwnStack { walk(3, it) }).toList() shouldContainExactly listOf(1, 2, 3)
        }

        test("what is sent and returned passes between the stacks, through delegates too") {
            val inner = generator<Int, Int, Int>(onOwnStack { stack -> (stack.yield(1) ?: 0) + (stack.yield(2) ?: 0) })
            val outer =
                generator<Int, Int, String>(
                    onOwnStack { stack ->
                        stack.yieldFrom(listOf(0).iterator()) shouldBe null
                        "sum ${stack.yieldFrom(inner)}"
                    },
                )
            outer.next() shouldBe 0
            outer.next() shouldBe 1
            outer.send(10) shouldBe 2
            shouldThrow<StopIteration> { outer.send(5) }.value shouldBe "sum 15"
        }

        test("a context manager's body may have a stack of its own") {
            val events = mutableListOf<String>()
            contextManager<String>(
                onOwnStack { stack ->
                    events += "enters"
                    stack.yield("value")
                    events += "leaves"
                },
            ).use { events += it }
            events shouldContainExactly listOf("enters", "value", "leaves")
        }
    })
