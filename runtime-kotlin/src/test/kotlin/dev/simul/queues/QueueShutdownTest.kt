// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.createTask
import dev.simul.gatherResults
import dev.simul.loopTest
import dev.simul.sync.turn
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class QueueShutdownTest :
    FunSpec({
        suspend fun Queue<String>.shouldRefuseAll() {
            shouldThrow<QueueShutDown> { put("data") }
            shouldThrow<QueueShutDown> { putNowait("data") }
            shouldThrow<QueueShutDown> { get() }
            shouldThrow<QueueShutDown> { getNowait() }
        }

        for ((kind, newQueue) in kindsOfQueue<String>()) {
            test("the text of $kind says that it is shut down") {
                val queue = newQueue(0)
                queue.shutdown()
                queue.toString() shouldBe "<$kind maxsize=0 shutdown>"
            }

            loopTest("shutting $kind down while it is empty throws at those that wait to get") {
                val queue = newQueue(0)
                val getter = createTask { queue.get() }
                turn()
                queue.shutdown()
                queue.qsize() shouldBe 0
                queue.join()
                turn()
                getter.done() shouldBe true
                shouldThrow<QueueShutDown> { getter.await() }.message shouldContain "was shut down"
                queue.shouldRefuseAll()
            }

            loopTest("shutting $kind down leaves its items to be got, and throws at those that wait to put") {
                val queue = newQueue(1)
                queue.putNowait("data")
                val joining = createTask { queue.join() }
                val putter = createTask { queue.put("data2") }
                turn()
                putter.done() shouldBe false

                queue.shutdown()
                queue.qsize() shouldBe 1
                turn()
                putter.done() shouldBe true
                shouldThrow<QueueShutDown> { putter.await() }

                queue.get() shouldBe "data"
                turn()
                joining.done() shouldBe false
                queue.shouldRefuseAll()

                queue.taskDone()
                turn()
                joining.done() shouldBe true
                shouldThrow<IllegalArgumentException> { queue.taskDone() }
            }

            loopTest("shutting $kind down immediately drops its items, and ends the joining") {
                val queue = newQueue(0)
                queue.putNowait("data")
                val joining = createTask { queue.join() }
                turn()
                queue.shutdown(immediate = true)
                queue.qsize() shouldBe 0
                turn()
                joining.done() shouldBe true
                queue.shouldRefuseAll()
                shouldThrow<IllegalArgumentException> { queue.taskDone() }
            }

            loopTest("shutting $kind down immediately leaves unfinished what was got before") {
                val queue = newQueue(0)
                repeat(2) { queue.putNowait("data") }
                val joining = createTask { queue.join() }
                turn()
                queue.get() shouldBe "data"

                queue.shutdown(immediate = true)
                queue.qsize() shouldBe 0
                turn()
                joining.done() shouldBe false
                queue.shouldRefuseAll()

                queue.taskDone()
                shouldThrow<IllegalArgumentException> { queue.taskDone() }
                turn()
                joining.done() shouldBe true
            }
        }

        loopTest("an immediate shutdown throws also at those that wait to put") {
            val queue = Queue<Int>(1)
            queue.putNowait(1)
            val putters = List(3) { createTask { queue.put(it) } }
            turn()
            queue.shutdown(immediate = true)
            val results = gatherResults(putters).await()
            results.map { it.exceptionOrNull() is QueueShutDown }.shouldContainExactly(true, true, true)
            queue.toString() shouldBe "<Queue maxsize=1 shutdown>"
        }

        loopTest("an item that is there goes to the first of the woken getters, and the others are refused") {
            val queue = Queue<Int>()
            val getters = List(3) { createTask { queue.get() } }
            turn()
            queue.putNowait(1)
            queue.shutdown()
            val results = gatherResults(getters).await()
            results[0].getOrNull() shouldBe 1
            results.drop(1).all { it.exceptionOrNull() is QueueShutDown } shouldBe true
        }

        test("items that were marked as done before they were got are not counted twice by an immediate shutdown") {
            val queue = Queue<Int>()
            repeat(3) { queue.putNowait(it) }
            repeat(2) { queue.taskDone() }
            queue.shutdown(immediate = true)
            queue.toString() shouldBe "<Queue maxsize=0 shutdown>"
        }

        test("shutting down twice is as once") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            repeat(2) { queue.shutdown() }
            queue.getNowait() shouldBe 1
            shouldThrow<QueueShutDown> { queue.getNowait() }
        }
    })
