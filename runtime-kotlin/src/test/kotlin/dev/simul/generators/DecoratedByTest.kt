// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.ZERO

class DecoratedByTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        var entered = 0

        fun entering() =
            asyncContextManager {
                entered++
                events += "enter"
                try {
                    sleep(ZERO)
                    yield(Unit)
                } finally {
                    events += "exit"
                    entered--
                }
            }

        fun enteringSync() =
            contextManager {
                events += "enter"
                try {
                    yield(Unit)
                } catch (_: ArithmeticException) {
                    events += "suppressed"
                }
                events += "exit"
            }

        test("each call of the function is a block of a new manager") {
            val function = suspend { events += "function" } decoratedBy ::entering
            runTest { repeat(2) { function() } }
            events shouldContainExactly List(2) { listOf("enter", "function", "exit") }.flatten()
            entered shouldBe 0
        }

        test("a call may be inside a call") {
            var function: suspend () -> Int? = { error("not decorated yet") }
            function = suspend { if (entered < 10) function() else entered } decoratedBy ::entering
            runTest { function() shouldBe 10 }
            entered shouldBe 0
            events shouldContainExactly List(10) { "enter" } + List(10) { "exit" }
        }

        test("an exception of the function goes through the manager") {
            val function = suspend { throw NumberFormatException("foo") } decoratedBy ::entering
            runTest { shouldThrow<NumberFormatException> { function() }.message shouldBe "foo" }
            entered shouldBe 0
        }

        test("arguments are passed on, and the result is given back") {
            class Thing {
                suspend fun half(a: Int): Int {
                    sleep(ZERO)
                    return a / 2
                }

                suspend fun text(
                    a: Int,
                    b: String?,
                ): String {
                    sleep(ZERO)
                    return "$a $b $entered"
                }
            }
            val thing = Thing()
            val half = thing::half decoratedBy ::entering
            val text = thing::text decoratedBy ::entering
            runTest {
                half(4) shouldBe 2
                text(1, null) shouldBe "1 null 1"
            }
        }

        test("functions that do not await are decorated by managers that do not either") {
            val none = { 1 } decoratedBy ::enteringSync
            val one = { a: Int -> 1 / a } decoratedBy ::enteringSync
            val two = { a: Int, b: Int -> a + b } decoratedBy ::enteringSync
            none() shouldBe 1
            one(1) shouldBe 1
            two(1, 2) shouldBe 3
            events shouldContainExactly List(3) { listOf("enter", "exit") }.flatten()
            events.clear()
            one(0) shouldBe null
            events shouldContainExactly listOf("enter", "suppressed", "exit")
        }
    })
