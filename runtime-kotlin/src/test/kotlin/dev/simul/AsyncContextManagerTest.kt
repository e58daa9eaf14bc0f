// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class AsyncContextManagerTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        class Recording(
            private val leaving: suspend (Throwable?) -> Boolean = { false },
        ) : AsyncContextManager<Int> {
            override suspend fun aenter(): Int {
                sleep(ZERO)
                events += "enter"
                return 42
            }

            override suspend fun aexit(exception: Throwable?): Boolean {
                sleep(ZERO)
                events += "exit ${exception?.message}"
                return leaving(exception)
            }
        }

        test("use enters before the block, leaves after it, and gives its result") {
            runTest {
                Recording().use {
                    events += it
                    "result"
                } shouldBe "result"
            }
            events shouldContainExactly listOf("enter", 42, "exit null")
        }

        test("an exception of the block is shown to the manager and goes on") {
            runTest {
                val thrown = ArithmeticException("block")
                shouldThrow<ArithmeticException> { Recording().use { throw thrown } } shouldBeSameInstanceAs thrown
            }
            events shouldContainExactly listOf("enter", "exit block")
        }

        test("a manager may end the exception, and use gives null then") {
            runTest { Recording { true }.use { error("block") } shouldBe null }
            events shouldContainExactly listOf("enter", "exit block")
        }

        loopTest("what leaving throws replaces the block's exception, and keeps it") {
            val block = ArithmeticException("block")
            val exit = IllegalStateException("exit")
            shouldThrow<IllegalStateException> {
                Recording { throw exit }.use { throw block }
            } shouldBeSameInstanceAs exit
            exit.suppressed.toList() shouldContainExactly listOf(block)

            val caused = IllegalStateException("caused", block)
            shouldThrow<IllegalStateException> { Recording { throw caused }.use { throw block } }
            caused.suppressed.size shouldBe 0
            shouldThrow<ArithmeticException> { Recording { throw block }.use { throw caused } }
            block.suppressed.size shouldBe 0
        }

        test("it is left when the block returns from the function around it, or leaves a loop") {
            suspend fun returning(): Int {
                Recording().use { return it }
                error("not reached")
            }
            runTest {
                returning() shouldBe 42
                for (number in 1..3) Recording().use { if (number == 1) continue else break }
            }
            events shouldContainExactly List(3) { listOf("enter", "exit null") }.flatten()
        }

        test("it is left when the block is cancelled, and its own awaits are not") {
            runTest {
                val task = createTask { Recording().use { sleep(1.seconds) } }
                sleep(100.milliseconds)
                task.cancel("enough")
                shouldThrow<CancelledException> { task.await() }
            }
            events shouldContainExactly listOf("enter", "exit enough")
        }

        test("a timeout ends when its block returns from the function around it") {
            suspend fun returning(): Int = timeout(1.seconds) { return 1 }
            runTest {
                returning() shouldBe 1
                sleep(2.seconds)
                currentTask()!!.cancelling() shouldBe 0
            }
        }

        test("a task group waits for its tasks when its block returns from the function around it") {
            suspend fun returning(): Int =
                taskGroup { group ->
                    group.createTask { sleep(1.seconds) }
                    return 1
                }
            runTest {
                returning() shouldBe 1
                getRunningLoop().time() shouldBe 1.seconds
            }
        }
    })
