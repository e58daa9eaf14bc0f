// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.TimeoutException
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import dev.simul.sync.Lock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration

private fun done(): Future<Int> = Future<Int>().also { it.setResult(1) }

private suspend fun ending(): Int = 1

/** What each thing costs in turns of the loop: the order of events of every program depends on it. */
class TurnsTest :
    FunSpec({
        context("what is there already takes no turn") {
            val costs =
                listOf<Pair<String, suspend () -> Unit>>(
                    "awaiting a done future" to { done().await() },
                    "awaiting a coroutine that never waits" to { coroutine { ending() }.await() },
                    "gather of a done future" to { gather(done()).await() },
                    "gather of nothing" to { gather(emptyList<Future<Int>>()).await() },
                    "waitFor of a done future" to { waitFor(done(), TICK) },
                    "waitFor of a coroutine that never waits" to { waitFor(TICK) { ending() } },
                    "shield of a done future" to { shield(done()).await() },
                    "an empty task group" to { taskGroup { } },
                    "a timeout around nothing" to { timeout(Duration.ZERO) { } },
                    "a free lock" to { Lock().use { } },
                    "putting into a queue with space" to { Queue<Int>(1).put(1) },
                    "getting from a queue with items" to {
                        val queue = Queue<Int>()
                        queue.putNowait(1)
                        queue.get()
                    },
                )
            for ((what, block) in costs) {
                test(what) { runTest { turnsOf(block) shouldBe 0 } }
            }
        }

        context("what starts or waits takes turns") {
            val costs =
                listOf<Triple<String, Int, suspend () -> Unit>>(
                    Triple("sleep of nothing", 1) { sleep(Duration.ZERO) },
                    Triple("wait for a done future", 2) { wait(listOf(done())) },
                    Triple("awaiting a new task", 2) { createTask { ending() }.await() },
                    Triple("a task group of a new task", 3) { taskGroup { it.createTask { ending() } } },
                    Triple("gather of a new task", 3) { gather({ ending() }).await() },
                    Triple("shield of a new task", 3) { shield { ending() }.await() },
                    Triple("wait for a new task", 3) { wait(listOf(createTask { ending() })) },
                    Triple("waitFor of a new task", 2) { waitFor(createTask { ending() }, TICK) },
                    Triple("waitFor of a limit that is over", 3) {
                        shouldThrow<TimeoutException> { waitFor(Duration.ZERO) { ending() } }
                    },
                )
            for ((what, expected, block) in costs) {
                test("$what: $expected") { runTest { turnsOf(block) shouldBe expected } }
            }
        }

        context("the order within a turn") {
            loopTest("what waits for a future goes on one turn after it is done") {
                val events = mutableListOf<String>()
                val future = Future<Unit>()
                val loop = getRunningLoop()
                val task =
                    createTask {
                        future.await()
                        events += "waiter"
                    }
                turns()
                loop.callSoon {
                    future.setResult(Unit)
                    events += "completed"
                    loop.callSoon { events += "after the waiter" }
                }
                loop.callSoon { events += "same turn" }
                task.await()
                turns()
                events shouldContainExactly listOf("completed", "same turn", "waiter", "after the waiter")
            }

            loopTest("a timer that is due comes after what was ready, and before what that makes ready") {
                val events = mutableListOf<String>()
                val loop = getRunningLoop()
                loop.callLater(Duration.ZERO) { events += "timer" }
                loop.callSoon {
                    events += "ready"
                    loop.callSoon { events += "made ready" }
                }
                turns(2)
                events shouldContainExactly listOf("ready", "timer", "made ready")
            }

            loopTest("timers of one deadline are called in the order they were made") {
                val events = mutableListOf<Int>()
                repeat(8) { n -> getRunningLoop().callLater(TICK) { events += n } }
                sleep(TICK * 2)
                events shouldContainExactly (0..7).toList()
            }

            test("a turn runs exactly what was ready when it began, and the loop takes one more after the main task") {
                withLoop { loop ->
                    val events = mutableListOf<String>()

                    fun again(depth: Int) {
                        events += "callback $depth"
                        loop.callSoon { again(depth + 1) }
                    }
                    loop.runUntilComplete {
                        loop.callSoon { again(1) }
                        createTask {
                            while (true) {
                                events += "task"
                                turns()
                            }
                        }
                        events += "main ends"
                    }
                    events shouldContainExactly listOf("main ends", "callback 1", "task")
                    loop.exceptionHandler = ExceptionHandler { _, _ -> } // the task that never ends
                }
            }
        }
    })
