// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncContextManager
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.StopIteration
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class AsyncGeneratorContextManagerTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        context("a block in it") {
            test("runs between the two halves of the body, with what that yields") {
                runTest {
                    val manager =
                        asyncContextManager {
                            sleep(ZERO)
                            events += 1
                            yield(42)
                            sleep(ZERO)
                            events += 999
                        }
                    events.shouldBeEmpty()
                    manager.use { events += it }
                }
                events shouldContainExactly listOf(1, 42, 999)
            }

            test("throws into the body, whose finally blocks run") {
                runTest {
                    val manager =
                        asyncContextManager {
                            events += 1
                            try {
                                yield(42)
                            } finally {
                                sleep(ZERO)
                                events += 999
                            }
                        }
                    shouldThrow<ArithmeticException> {
                        manager.use {
                            events += it
                            throw ArithmeticException()
                        }
                    }
                }
                events shouldContainExactly listOf(1, 42, 999)
            }

            test("goes on after it if the body catches the exception and ends") {
                runTest {
                    val manager =
                        asyncContextManager {
                            try {
                                yield(42)
                            } catch (e: ArithmeticException) {
                                events += e.message
                            }
                        }
                    manager.use { throw ArithmeticException("999") } shouldBe null
                    events += "after"
                }
                events shouldContainExactly listOf("999", "after")
            }

            test("may be left by a generator's end") {
                runTest {
                    val manager = asyncContextManager { yield(Unit) }
                    val generator = asyncGenerator<Int> { manager.use { yield(11) } }
                    for (number in generator) {
                        events += number
                        break
                    }
                    generator.aclose()
                }
                events shouldContainExactly listOf(11)
            }

            test("may be cancelled, and the body awaits while it cleans up") {
                runTest {
                    val task =
                        createTask {
                            asyncContextManager {
                                try {
                                    yield(Unit)
                                } catch (e: CancelledException) {
                                    sleep(10.milliseconds)
                                    events += e.message
                                    throw e
                                }
                            }.use { sleep(1.seconds) }
                        }
                    sleep(ZERO)
                    task.cancel("enough")
                    shouldThrow<CancelledException> { task.await() }
                    task.cancelled() shouldBe true
                }
                events shouldContainExactly listOf("enough")
            }

            loopTest("may be limited by a timeout that is in the body") {
                val limited = asyncContextManager { timeout(1.seconds) { yield(it) } }
                shouldThrow<TimeoutException> { limited.use { sleep(2.seconds) } }
            }
        }

        context("exceptions that pass through unchanged") {
            for (thrown in listOf(
                ArithmeticException(),
                IllegalStateException(),
                StopIteration("spam"),
                StopAsyncIteration("ham"),
                CancelledException("eggs"),
                GeneratorExit(),
            )) {
                val name = thrown::class.simpleName

                loopTest("$name is the same after a body that does not care") {
                    val frames = thrown.stackTrace.toList()
                    shouldThrow<Throwable> {
                        asyncContextManager {
                            yield(
                                Unit,
                            )
                        }.use { throw thrown }
                    } shouldBeSameInstanceAs thrown
                    thrown.stackTrace.toList() shouldBe frames
                    thrown.suppressed.size shouldBe 0
                }

                loopTest("$name is not thrown by leaving, which says that it was not suppressed") {
                    val manager =
                        asyncContextManager {
                            try {
                                yield(Unit)
                            } finally {
                                sleep(ZERO)
                            }
                        }
                    manager.aenter()
                    manager.aexit(thrown) shouldBe false
                }
            }
        }

        context("exceptions that the body makes of others") {
            loopTest("one replaces the block's, and keeps it") {
                val block = IllegalStateException("block")
                val manager =
                    asyncContextManager {
                        try {
                            yield(Unit)
                        } catch (_: IllegalStateException) {
                            throw NumberFormatException()
                        }
                    }
                shouldThrow<NumberFormatException> {
                    manager.use { throw block }
                }.suppressed.toList() shouldContainExactly
                    listOf(block)
            }

            test(
                "one that wraps the block's replaces it, except around a stop, which a generator itself would wrap so",
            ) {
                fun wrapping() =
                    asyncContextManager {
                        try {
                            yield(Unit)
                        } catch (e: Exception) {
                            throw IllegalStateException("caught ${e.message}", e)
                        }
                    }
                runTest {
                    val failure =
                        shouldThrow<IllegalStateException> { wrapping().use { throw ArithmeticException("block") } }
                    failure.message shouldBe "caught block"
                    failure.cause.shouldBeInstanceOf<ArithmeticException>()
                    failure.suppressed.size shouldBe 0
                    for (stop in listOf(StopAsyncIteration(), StopIteration())) {
                        shouldThrow<Exception> { wrapping().use { throw stop } } shouldBeSameInstanceAs stop
                    }
                }
            }
        }

        context("a body that does not yield exactly once") {
            test("without a yield, it cannot be entered") {
                runTest {
                    val manager = asyncContextManager<Int> { events += "body" }
                    shouldThrow<IllegalStateException> {
                        manager.use { events += "block" }
                    }.message shouldContain "generator didn't yield"
                }
                events shouldContainExactly listOf("body")
            }

            test("with a second yield after the block, leaving fails and the body is closed") {
                runTest {
                    val manager =
                        asyncContextManager {
                            yield(1)
                            try {
                                yield(2)
                            } finally {
                                events += "closed"
                            }
                        }
                    shouldThrow<IllegalStateException> {
                        manager.use { events += it }
                    }.message shouldBe "generator didn't stop"
                }
                events shouldContainExactly listOf(1, "closed")
            }

            test("with a second yield after an exception, leaving fails, keeps that, and the body is closed") {
                runTest {
                    val thrown = ArithmeticException()
                    val manager =
                        asyncContextManager {
                            try {
                                yield(1)
                            } catch (_: ArithmeticException) {
                                try {
                                    yield(2)
                                } finally {
                                    sleep(ZERO)
                                    events += "closed"
                                }
                            }
                        }
                    val failure = shouldThrow<IllegalStateException> { manager.use { throw thrown } }
                    failure.message shouldBe "generator didn't stop after athrow()"
                    failure.suppressed.toList() shouldContainExactly listOf(thrown)
                }
                events shouldContainExactly listOf("closed")
            }

            loopTest("one that ignores being closed as well fails with that") {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, _ -> } // It is closed once more with the loop.
                val manager = asyncContextManager { repeat(3) { runCatching { yield(it) } } }
                val failure = shouldThrow<IllegalStateException> { manager.use { } }
                failure.message shouldContain "ignored GeneratorExit"
                failure.suppressed.map { it.message } shouldContainExactly listOf("generator didn't stop")
            }

            loopTest("a second block is one too many") {
                val manager = asyncContextManager { yield(1) }
                manager.use { it shouldBe 1 }
                shouldThrow<IllegalStateException> { manager.use { } }.message shouldContain "good for one block"
            }
        }

        context("functions that make managers") {
            test("pass on their arguments, by name too") {
                fun manager(
                    self: Int,
                    func: Int,
                    args: Int,
                ): AsyncContextManager<List<Int>> = asyncContextManager { yield(listOf(self, func, args)) }
                runTest { manager(args = 33, self = 11, func = 22).use { it shouldBe listOf(11, 22, 33) } }
            }
        }
    })
