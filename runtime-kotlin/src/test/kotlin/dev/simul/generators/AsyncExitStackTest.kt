// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.AsyncContextManager
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.testing.runTest
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What an exit stack does with asynchronous entries; the rest is in [ExitStackTest]. */
class AsyncExitStackTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        class Leaving(
            private val leave: suspend (Throwable?) -> Boolean,
        ) : AsyncContextManager<Nothing> {
            override suspend fun aenter(): Nothing = error("should not be entered")

            override suspend fun aexit(exception: Throwable?) = leave(exception)
        }

        test("callbacks of both kinds are called in reverse order, one after the other") {
            runTest {
                AsyncExitStack().use { stack ->
                    stack.callback { events += "first" }
                    stack.pushAsyncCallback {
                        events += "second begins"
                        sleep(1.seconds)
                        events += "second ends"
                    }
                    stack.callback { events += "third" }
                    events += "block"
                }
            }
            events shouldContainExactly listOf("block", "third", "second begins", "second ends", "first")
        }

        test("what is pushed sees the exception that is under way, until one ends it") {
            runTest {
                AsyncExitStack().use { stack ->
                    val see: suspend (Throwable?) -> Boolean = { exception ->
                        sleep(ZERO)
                        events += exception?.message
                        false
                    }
                    stack.pushAsyncExit(see)
                    stack.pushAsyncExit(Leaving(see))
                    stack.pushAsyncExit { _ ->
                        sleep(ZERO)
                        true
                    }
                    stack.pushAsyncExit(Leaving(see))
                    stack.pushAsyncExit(see)
                    throw ArithmeticException("block")
                } shouldBe null
            }
            events shouldContainExactly listOf("block", "block", null, null)
        }

        test("a manager that is entered gives its value and is left, in turn with the callbacks") {
            runTest {
                AsyncExitStack().use { stack ->
                    stack.pushAsyncCallback { events += 4 }
                    val value =
                        stack.enterAsyncContext(
                            asyncContextManager {
                                events += 1
                                sleep(ZERO)
                                yield(2)
                                sleep(ZERO)
                                events += 3
                            },
                        )
                    events += value
                }
            }
            events shouldContainExactly listOf(1, 2, 3, 4)
        }

        test("a manager that fails to be entered is not left") {
            runTest {
                AsyncExitStack().use { stack ->
                    shouldThrow<IllegalStateException> {
                        stack.enterAsyncContext(
                            Leaving { true.also { events += "exit" } },
                        )
                    }
                }
            }
            events.shouldBeEmpty()
        }

        loopTest("each failure keeps the one that it replaced, back to the last that was ended") {
            lateinit var ended: Throwable
            val (first, second, third, fourth) = List(4) { Exception("$it") }
            val block = ArithmeticException()

            fun AsyncExitStack.throwing(exception: Throwable) =
                pushAsyncCallback {
                    sleep(ZERO)
                    throw exception
                }
            shouldThrow<Exception> {
                AsyncExitStack().use { stack ->
                    stack.throwing(first)
                    stack.throwing(second)
                    stack.throwing(third)
                    stack.pushAsyncExit { exception ->
                        ended = exception!!
                        true
                    }
                    stack.throwing(fourth)
                    throw block
                }
            } shouldBeSameInstanceAs first
            first.suppressed.toList() shouldContainExactly listOf(second)
            second.suppressed.toList() shouldContainExactly listOf(third)
            third.suppressed.toList().shouldBeEmpty()
            ended shouldBeSameInstanceAs fourth
            fourth.suppressed.toList() shouldContainExactly listOf(block)
        }

        test("an exception is the same whether its manager is used alone or through a stack in another") {
            class Mine : Exception()

            fun failing() =
                asyncContextManager {
                    try {
                        yield(Unit)
                    } catch (_: Exception) {
                        throw Mine()
                    }
                }

            fun stacked() =
                asyncContextManager {
                    AsyncExitStack().use { stack ->
                        stack.enterAsyncContext(failing())
                        yield(Unit)
                    }
                }
            runTest {
                for (manager in listOf(failing(), stacked())) {
                    val block = NoSuchElementException()
                    shouldThrow<Mine> { manager.use { throw block } }.suppressed.toList() shouldContainExactly
                        listOf(
                            block,
                        )
                }
            }
        }

        test("anything AsyncCloseable is closed in turn: a generator, another stack") {
            runTest {
                AsyncExitStack().use { stack ->
                    val generator =
                        stack.enterAsyncContext(
                            aclosing(
                                asyncGenerator<Int> {
                                    try {
                                        yield(1)
                                    } finally {
                                        sleep(ZERO)
                                        events += "generator"
                                    }
                                },
                            ),
                        )
                    events += generator.anext()
                    val thing: AsyncCloseable = AsyncCloseableThing { events += "thing" }
                    stack.enterAsyncContext(thing) shouldBeSameInstanceAs thing
                    val inner = stack.enterAsyncContext(AsyncExitStack())
                    inner.callback { events += "inner" }
                }
            }
            events shouldContainExactly listOf(1, "inner", "thing", "generator")
        }

        test("aclose leaves everything at once, and popAll saves it from the end of the block") {
            runTest {
                val saved =
                    AsyncExitStack().use { stack ->
                        stack.pushAsyncCallback { events += "closed" }
                        stack.aclose()
                        stack.pushAsyncCallback { events += "saved" }
                        stack.popAll()
                    }
                events += "block ends"
                saved!!.aclose()
            }
            events shouldContainExactly listOf("closed", "block ends", "saved")
        }

        test("locks and task groups may be entered by it") {
            runTest {
                val lock = Lock()
                AsyncExitStack().use { stack ->
                    stack.enterAsyncContext(lock)
                    lock.locked() shouldBe true
                    taskGroup { group -> group.createTask { events += "task" } }
                }
                lock.locked() shouldBe false
            }
            events shouldContainExactly listOf("task")
        }

        test("a cancellation is under way like any exception, and may be ended") {
            runTest {
                val task =
                    createTask {
                        AsyncExitStack().use { stack ->
                            stack.pushAsyncExit { exception ->
                                events += exception is CancelledException
                                true
                            }
                            sleep(1.seconds)
                        }
                        "went on"
                    }
                sleep(ZERO)
                task.cancel()
                task.await() shouldBe "went on"
            }
            events shouldContainExactly listOf(true)
        }

        test("a cancel while it leaves one is thrown there, and the others are left with it") {
            runTest {
                val block = ArithmeticException()
                val task =
                    createTask {
                        AsyncExitStack().use { stack ->
                            stack.pushAsyncExit { exception ->
                                sleep(10.milliseconds)
                                events += exception?.message
                                false
                            }
                            stack.pushAsyncCallback { sleep(1.seconds) }
                            throw block
                        }
                    }
                sleep(ZERO)
                task.cancel("enough")
                shouldThrow<CancelledException> { task.await() }.suppressed.toList() shouldContainExactly listOf(block)
            }
            events shouldContainExactly listOf("enough")
        }
    })

private class AsyncCloseableThing(
    private val close: () -> Unit,
) : AsyncCloseable {
    override suspend fun aclose() = close()
}
