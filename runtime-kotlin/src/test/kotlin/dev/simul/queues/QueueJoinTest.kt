// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loopTest
import dev.simul.sync.turn
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class QueueJoinTest :
    FunSpec({
        for ((kind, newQueue) in kindsOfQueue<Int>()) {
            test("$kind refuses more calls of taskDone than there were items") {
                shouldThrow<IllegalArgumentException> { newQueue(0).taskDone() }.message shouldContain "too many times"
                val queue = newQueue(0)
                queue.putNowait(1)
                queue.taskDone()
                shouldThrow<IllegalArgumentException> { queue.taskDone() }
            }

            loopTest("$kind is joined when every item was got and done") {
                val queue = newQueue(0)
                repeat(100) { queue.putNowait(it) }
                var sum = 0
                val workers =
                    List(2) {
                        createTask {
                            while (true) {
                                sum += queue.get()
                                turn()
                                queue.taskDone()
                            }
                        }
                    }
                queue.join()
                sum shouldBe (0..<100).sum()
                workers.forEach { it.cancel() }
            }

            loopTest("$kind is joined at once, without giving up the turn, while nothing was put") {
                val queue = newQueue(0)
                val other = createTask { }
                queue.join()
                queue.join()
                other.done() shouldBe false
            }

            test("the text of $kind says how many items are unfinished") {
                val queue = newQueue(0)
                queue.toString() shouldBe "<$kind maxsize=0>"
                repeat(2) { queue.putNowait(it) }
                repeat(2) { queue.getNowait() }
                queue.toString() shouldBe "<$kind maxsize=0 tasks=2>"
            }
        }

        loopTest("items that are put while a task joins count too") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            val joining = createTask { queue.join() }
            turn()
            queue.putNowait(2)
            queue.taskDone()
            turn()
            joining.done() shouldBe false
            queue.taskDone()
            turn()
            joining.done() shouldBe true
        }

        loopTest("a task that was woken from joining goes on, even if something is put before it runs") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            val joining = createTask { queue.join() }
            turn()
            queue.taskDone()
            queue.putNowait(2)
            turn()
            joining.done() shouldBe true
        }

        loopTest("cancelling a task that joins changes nothing for others") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            val cancelled = createTask { queue.join() }
            val joining = createTask { queue.join() }
            turn()
            cancelled.cancel()
            queue.taskDone()
            joining.await()
            shouldThrow<CancelledException> { cancelled.await() }
        }

        test("a deadlock says which queue is joined") {
            val deadlock =
                shouldThrow<Deadlock> {
                    runTest {
                        val queue = Queue<Int>()
                        queue.putNowait(1)
                        queue.join()
                    }
                }
            deadlock.message shouldContain "Queue.join of <Queue maxsize=0 tasks=1>"
        }
    })

/** The three kinds of queue by name, each made with a maximum. */
internal fun <T : Any> kindsOfQueue(): Map<String, (Int) -> Queue<T>> =
    mapOf(
        "Queue" to { Queue(it) },
        "LifoQueue" to { LifoQueue(it) },
        "PriorityQueue" to { PriorityQueue(it) },
    )
