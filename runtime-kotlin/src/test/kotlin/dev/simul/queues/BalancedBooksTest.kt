// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.sync.BoundedSemaphore
import dev.simul.sync.Condition
import dev.simul.sync.Lock
import dev.simul.sync.turn
import dev.simul.testing.runTest
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.random.Random

private const val TASKS = 40
private const val ROUNDS = 400

/** Many tasks that are cancelled at random moments: whatever happens, nothing is lost and nothing is there twice. */
class BalancedBooksTest :
    FunSpec({
        fun forRandom(body: suspend (Random) -> Unit) {
            for (seed in 1..20) withClue("with seed $seed") { runTest { body(Random(seed)) } }
        }

        /** Does [step] again and again, whatever cancellations it meets. */
        suspend fun survive(
            times: Int,
            step: suspend () -> Unit,
        ): Int {
            var cancellations = 0
            repeat(times) {
                try {
                    step()
                } catch (_: CancelledException) {
                    cancellations++
                }
            }
            return cancellations
        }

        /** Cancels one of [tasks] now and then. */
        suspend fun disturb(
            random: Random,
            tasks: List<Task<*>>,
        ) {
            repeat(ROUNDS) {
                turn()
                if (random.nextInt(4) == 0) tasks.random(random).cancel()
            }
            turn()
        }

        test("no item is lost or doubled between tasks that are cancelled") {
            forRandom { random ->
                val queue = Queue<Int>(1 + random.nextInt(3))
                val put = mutableListOf<Int>()
                val got = mutableListOf<Int>()
                var next = 0
                val producers =
                    List(TASKS) {
                        createTask {
                            survive(ROUNDS / 4) {
                                val item = next++
                                queue.put(item)
                                put += item
                                if (random.nextInt(3) == 0) turn()
                            }
                        }
                    }
                var ended = false
                val consumers =
                    List(TASKS) {
                        createTask {
                            var cancellations = 0
                            while (!ended) {
                                cancellations +=
                                    survive(1) {
                                        got += queue.get()
                                        queue.taskDone()
                                        if (random.nextInt(3) == 0) turn()
                                    }
                            }
                            cancellations
                        }
                    }
                disturb(random, producers + consumers)
                val cancellations = gather(producers).await().sum()
                queue.join()
                ended = true
                consumers.forEach { it.cancel() }
                (cancellations + gather(consumers).await().sum()) shouldBeGreaterThan TASKS
                got.sorted() shouldBe put.sorted()
            }
        }

        test("no permit is lost or doubled between tasks that are cancelled") {
            forRandom { random ->
                val permits = 1 + random.nextInt(4)
                val semaphore = BoundedSemaphore(permits)
                var inside = 0
                val tasks =
                    List(TASKS) {
                        createTask {
                            survive(ROUNDS / 10) {
                                semaphore.use {
                                    check(++inside <= permits) { "$inside tasks are inside of $semaphore" }
                                    try {
                                        if (random.nextBoolean()) turn()
                                    } finally {
                                        inside--
                                    }
                                }
                            }
                        }
                    }
                disturb(random, tasks)
                gather(tasks).await().sum() shouldBeGreaterThan 10
                semaphore.toString() shouldBe "<BoundedSemaphore [unlocked, value:$permits]>"
            }
        }

        test("a lock has one holder at most among tasks that are cancelled, and is free in the end") {
            forRandom { random ->
                val lock = Lock()
                var holders = 0
                val tasks =
                    List(TASKS) {
                        createTask {
                            survive(ROUNDS / 10) {
                                lock.use {
                                    check(++holders == 1) { "$holders tasks hold $lock" }
                                    try {
                                        if (random.nextBoolean()) turn()
                                    } finally {
                                        holders--
                                    }
                                }
                            }
                        }
                    }
                disturb(random, tasks)
                gather(tasks).await().sum() shouldBeGreaterThan 10
                lock.toString() shouldBe "<Lock [unlocked]>"
            }
        }

        test("every notification reaches a task that is not cancelled") {
            forRandom { random ->
                val condition = Condition()
                var stock = 0
                var taken = 0
                val consumers =
                    List(TASKS) {
                        createTask {
                            while (true) {
                                condition.use {
                                    condition.waitFor { stock > 0 }
                                    stock--
                                    taken++
                                }
                            }
                        }
                    }
                turn()
                var cancelled = 0
                repeat(ROUNDS) {
                    condition.use {
                        stock++
                        condition.notify()
                    }
                    repeat(random.nextInt(3)) { turn() }
                    if (random.nextInt(8) == 0 && cancelled < TASKS - 1 && consumers.random(random).cancel()) cancelled++
                }
                repeat(ROUNDS) { turn() }
                stock shouldBe 0
                taken shouldBe ROUNDS
                cancelled shouldBeGreaterThan 10
                consumers.forEach { it.cancel() }
                gatherResults(consumers).await()
                condition.toString() shouldBe "<Condition [unlocked]>"
            }
        }
    })
