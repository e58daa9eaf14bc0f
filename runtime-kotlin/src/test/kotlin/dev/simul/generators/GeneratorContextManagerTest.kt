// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.StopIteration
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO

class GeneratorContextManagerTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        fun logged() =
            contextManager {
                events += "enter"
                try {
                    yield(42)
                } finally {
                    events += "exit"
                }
            }

        test("a block runs between the two halves of the body, with what that yields") {
            logged().use {
                events += it
                "result"
            } shouldBe "result"
            events shouldContainExactly listOf("enter", 42, "exit")
        }

        test("a block throws into the body, and its exception goes on unchanged") {
            for (thrown in listOf(
                ArithmeticException(),
                IllegalStateException(),
                StopIteration(1),
                StopAsyncIteration(),
            )) {
                shouldThrow<Exception> { logged().use { throw thrown } } shouldBeSameInstanceAs thrown
                thrown.suppressed.size shouldBe 0
            }
            events shouldContainExactly List(4) { listOf("enter", "exit") }.flatten()
        }

        test("a block goes on after it if the body catches the exception and ends") {
            contextManager {
                try {
                    yield(42)
                } catch (e: ArithmeticException) {
                    events += e.message
                }
            }.use { throw ArithmeticException("999") } shouldBe null
            events shouldContainExactly listOf("999")
        }

        test("a block may return from the function around it") {
            fun returning(): Int {
                logged().use { return it }
                error("not reached")
            }
            returning() shouldBe 42
            events shouldContainExactly listOf("enter", "exit")
        }

        test("a block may await where its function may") {
            runTest {
                logged().use {
                    sleep(ZERO)
                    events += it
                }
            }
            events shouldContainExactly listOf("enter", 42, "exit")
        }

        test("what the body throws replaces the block's exception, and keeps it") {
            val block = ArithmeticException()
            val manager =
                contextManager {
                    try {
                        yield(1)
                    } finally {
                        throw NumberFormatException()
                    }
                }
            shouldThrow<NumberFormatException> {
                manager.use { throw block }
            }.suppressed.toList() shouldContainExactly listOf(block)
        }

        test("a stop that the body wraps as a generator would goes on as it was") {
            val stop = StopIteration()
            val manager =
                contextManager {
                    try {
                        yield(1)
                    } catch (e: StopIteration) {
                        throw IllegalStateException(e)
                    }
                }
            shouldThrow<StopIteration> { manager.use { throw stop } } shouldBeSameInstanceAs stop
        }

        test("a body without a yield cannot be entered") {
            shouldThrow<IllegalStateException> {
                contextManager<Int> { }.use { events += "block" }
            }.message shouldContain
                "generator didn't yield"
            events shouldContainExactly emptyList()
        }

        test("a body with a second yield fails and is closed") {
            fun twice() =
                contextManager {
                    try {
                        yield(1)
                    } catch (_: ArithmeticException) {
                        events += "caught"
                    }
                    try {
                        yield(2)
                    } finally {
                        events += "closed"
                    }
                }
            shouldThrow<IllegalStateException> { twice().use { } }.message shouldBe "generator didn't stop"
            val thrown = ArithmeticException()
            val failure = shouldThrow<IllegalStateException> { twice().use { throw thrown } }
            failure.message shouldBe "generator didn't stop after throwIn()"
            failure.suppressed.toList() shouldContainExactly listOf(thrown)
            events shouldContainExactly listOf("closed", "caught", "closed")
        }

        test("a second block is one too many") {
            val manager = logged()
            manager.use { }
            shouldThrow<IllegalStateException> { manager.use { } }.message shouldContain "good for one block"
        }

        test("leaving with an exception before entering hands that back, and the body never begins") {
            val manager = logged()
            manager.exit(ArithmeticException()) shouldBe false
            events shouldContainExactly emptyList()
        }
    })
