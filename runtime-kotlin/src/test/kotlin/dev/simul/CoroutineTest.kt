// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.loop.getRunningLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException

class CoroutineTest :
    FunSpec({
        loopTest("nothing runs before it is awaited, and then in place, in the calling task") {
            val events = mutableListOf<String>()
            val task = currentTask()
            val made =
                coroutine {
                    events += "runs in the caller: ${currentTask() === task}"
                    42
                }
            turns()
            events += "made"
            turnsOf { made.await() shouldBe 42 } shouldBe 0
            events shouldContainExactly listOf("made", "runs in the caller: true")
        }

        loopTest("what it sets in context variables is seen by the caller") {
            val variable = ContextVar("variable", "default")
            coroutine { variable.set("set inside") }.await()
            variable.get() shouldBe "set inside"
        }

        loopTest("it throws what its body throws") {
            val thrown = IOException("broken")
            shouldThrow<IOException> { coroutine<Unit> { throw thrown }.await() } shouldBeSameInstanceAs thrown
        }

        loopTest("it is awaited once: a second await, and one while it runs, is refused") {
            val made = coroutine { sleep(TICK) }
            val task = createTask { made.await() }
            turns()
            shouldRefuse("cannot reuse already awaited coroutine") { made.await() }
            task.await()
            shouldRefuse("cannot reuse already awaited coroutine") { made.await() }
        }

        loopTest("handing it to a task uses it up") {
            val made = coroutine { 1 }
            val task = createTask(made)
            shouldThrow<IllegalStateException> { made.await() }
            task.await() shouldBe 1
        }

        loopTest("closed, it can be neither awaited nor handed over, and nothing of it runs") {
            val events = mutableListOf<String>()
            val made = coroutine { events += "ran" }
            made.close()
            made.close()
            shouldThrow<IllegalStateException> { made.await() }
            shouldThrow<IllegalStateException> { createTask(made) }
            turns(2)
            events.shouldBeEmpty()
        }

        test("any class may be awaitable: by await, createTask's body, gather, wait_for and shield alike") {
            class Counting : Awaitable<Int> {
                var count = 0

                override suspend fun await(): Int {
                    sleep(TICK)
                    return ++count
                }
            }
            runTest {
                val counting = Counting()
                counting.await() shouldBe 1
                createTask { counting.await() }.await() shouldBe 2
                gather(counting).await() shouldContainExactly listOf(3)
                waitFor(counting, TICK * 2) shouldBe 4
                shield(counting).await() shouldBe 5
                asCompleted(listOf(counting)).next().await() shouldBe 6
                getRunningLoop().time() shouldBe TICK * 6
            }
        }

        test("in debug mode one that was dropped without being awaited is reported, others are not") {
            fun drop() {
                coroutine { }.close()
                coroutine { }
            }
            runTest(debug = true) {
                val reports = getRunningLoop().recordReports()
                coroutine { }.await()
                drop()
                collectGarbageUntil { reports.isNotEmpty() } shouldBe true
                reports.map { it.message } shouldContainExactly listOf("coroutine was never awaited")
                reports.single().origin!!.stackTrace.any { it.fileName == "CoroutineTest.kt" } shouldBe true
            }
        }
    })
