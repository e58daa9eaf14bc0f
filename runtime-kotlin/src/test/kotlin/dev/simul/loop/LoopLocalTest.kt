// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CyclicBarrier
import kotlin.concurrent.thread

class LoopLocalTest :
    FunSpec({
        test("each loop has a value of its own, made when first asked for") {
            val made = mutableListOf<EventLoop>()
            val local =
                LoopLocal { loop ->
                    made += loop
                    Any()
                }
            val first = EventLoop()
            val second = EventLoop()
            local[first] shouldBeSameInstanceAs local[first]
            (local[first] === local[second]) shouldBe false
            made shouldContainExactly listOf(first, second)
        }

        test("many slots of one loop do not disturb each other") {
            val loop = EventLoop()
            val locals = (0 until 50).map { number -> LoopLocal { "value $number" } }
            locals.asReversed().forEach { it[loop] }
            locals.map { it[loop] } shouldContainExactly (0 until 50).map { "value $it" }
        }

        test("closing the loop hands each value that was made to onClose, once") {
            val closed = mutableListOf<String>()
            val used = LoopLocal(onClose = { _, value: String -> closed += value }) { "used" }
            LoopLocal(onClose = { _, value: String -> closed += value }) { "unused" }
            val loop = EventLoop()
            used[loop]
            loop.close()
            loop.close()
            closed shouldContainExactly listOf("used")
        }

        test("values are closed in the order in which the loop needed them, not in that in which the slots were made") {
            val closed = mutableListOf<String>()
            val slots = listOf("a", "b", "c").map { LoopLocal(onClose = { _, value: String -> closed += value }) { _ -> it } }
            val loop = EventLoop()
            for (place in listOf(1, 2, 0)) slots[place][loop]
            loop.close()
            closed shouldContainExactly listOf("b", "c", "a")
        }

        test("threads that ask first, at the same time, get the same value") {
            repeat(200) {
                val loop = EventLoop()
                val threads = 4
                val start = CyclicBarrier(threads)
                val shared = (0 until 5).map { LoopLocal { Any() } }
                val seen = shared.map { ConcurrentHashMap.newKeySet<Any>() }
                (0 until threads)
                    .map {
                        thread {
                            val own = LoopLocal { Any() }
                            start.await()
                            shared.forEachIndexed { i, local -> seen[i] += local[loop] }
                            (own[loop] === own[loop]) shouldBe true
                        }
                    }.forEach { it.join() }
                for (values in seen) values shouldHaveSize 1
            }
        }
    })
