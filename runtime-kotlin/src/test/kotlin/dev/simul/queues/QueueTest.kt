// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sync.turn
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.waitFor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class QueueTest :
    FunSpec({
        loopTest("its text says how many tasks wait to get") {
            val queue = Queue<Int>()
            queue.toString() shouldBe "<Queue maxsize=0>"
            val getter = createTask { queue.get() }
            turn()
            queue.toString() shouldBe "<Queue maxsize=0 getters[1]>"
            queue.putNowait(0)
            getter.await() shouldBe 0
        }

        loopTest("its text says how many tasks wait to put") {
            val queue = Queue<Int>(1)
            queue.putNowait(1)
            val putter = createTask { queue.put(2) }
            turn()
            queue.toString() shouldBe "<Queue maxsize=1 items=[1] putters[1] tasks=1>"
            queue.getNowait()
            putter.await()
        }

        test("its text shows the items in their order, and how many of all are unfinished") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            queue.putNowait(2)
            queue.getNowait()
            queue.putNowait(3)
            queue.toString() shouldBe "<Queue maxsize=0 items=[2, 3] tasks=3>"
        }

        loopTest("its text ends even if its items are tasks that wait for it") {
            val queue = Queue<Any>(1)
            val putter = createTask("putter") { queue.put("second") }
            queue.putNowait(putter)
            turn()
            val waiting = "Queue.put of <Queue maxsize=1 putters[1] tasks=1>"
            queue.toString() shouldContain "items=[<Task putter pending wait_for=$waiting>]"
            queue.getNowait()
            putter.await()
        }

        loopTest("it is empty until something is put, and when it was got") {
            val queue = Queue<Int>()
            queue.empty() shouldBe true
            queue.put(1)
            queue.empty() shouldBe false
            queue.qsize() shouldBe 1
            queue.get() shouldBe 1
            queue.empty() shouldBe true
        }

        loopTest("it is full when it has as many items as its maximum, and never without one") {
            Queue<Int>().full() shouldBe false
            val queue = Queue<Int>(1)
            queue.put(1)
            queue.full() shouldBe true
            val unlimited = Queue<Int>(-1)
            repeat(100) { unlimited.putNowait(it) }
            unlimited.full() shouldBe false
        }

        loopTest("items come in the order they were put") {
            val queue = Queue<Int>()
            for (item in listOf(1, 3, 2)) queue.put(item)
            List(3) { queue.get() }.shouldContainExactly(1, 3, 2)
        }

        loopTest("null is an item like any other") {
            val queue = Queue<String?>()
            queue.put(null)
            queue.empty() shouldBe false
            queue.get() shouldBe null
            queue.empty() shouldBe true
        }

        loopTest("a task that puts more than the maximum waits for each place") {
            val queue = Queue<Int>(2)
            queue.maxsize shouldBe 2
            val put = mutableListOf<Int>()
            val putter =
                createTask {
                    repeat(3) {
                        queue.put(it)
                        put += it
                    }
                }
            repeat(2) { turn() }
            put.shouldContainExactly(0, 1)
            queue.get() shouldBe 0
            turn()
            put.shouldContainExactly(0, 1, 2)
            queue.get() shouldBe 1
            queue.get() shouldBe 2
            putter.done() shouldBe true
        }

        loopTest("an item that is there is got without giving up the turn") {
            val queue = Queue<Int>()
            val other = createTask { }
            queue.putNowait(1)
            queue.get() shouldBe 1
            other.done() shouldBe false
        }

        loopTest("getting wakes the task that waits to put, which puts in a turn of its own") {
            val queue = Queue<Int>(1)
            queue.put(1)
            val putter = createTask { queue.put(2) }
            turn()
            queue.get() shouldBe 1
            queue.empty() shouldBe true
            turn()
            putter.done() shouldBe true
            queue.qsize() shouldBe 1
        }

        loopTest("a task waits for an item until it is put") {
            val queue = Queue<Int>()
            val events = mutableListOf<String>()
            val getter =
                createTask {
                    events += "started"
                    queue.get().also { events += "finished" }
                }
            turn()
            events.shouldContainExactly("started")
            getRunningLoop().callLater(10.milliseconds) { queue.putNowait(1) }
            getter.await() shouldBe 1
            events.shouldContainExactly("started", "finished")
            getRunningLoop().time() shouldBe 10.milliseconds
        }

        test("getNowait takes an item that is there") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            queue.getNowait() shouldBe 1
        }

        test("getNowait is refused when there is none") {
            shouldThrow<QueueEmpty> { Queue<Int>().getNowait() }.message shouldContain "<Queue maxsize=0> is empty"
        }

        loopTest("an item passes over a task that was cancelled while it waited") {
            val queue = Queue<String>()
            val cancelled = createTask { queue.get() }
            val getter = createTask { queue.get() }
            turn()
            cancelled.cancel()
            turn()
            cancelled.done() shouldBe true
            queue.put("a")
            turn()
            getter.await() shouldBe "a"
        }

        loopTest("an item passes over a task that was cancelled and has not run since") {
            val queue = Queue<String>()
            val cancelled = createTask { queue.get() }
            val getter = createTask { queue.get() }
            turn()
            cancelled.cancel()
            queue.putNowait("a")
            getter.await() shouldBe "a"
            cancelled.cancelled() shouldBe true
        }

        loopTest("the items of tasks that wait to put come in the order of the tasks") {
            val queue = Queue<String>(1)
            createTask { queue.put("a") }
            createTask { queue.put("b") }
            queue.get() shouldBe "a"
            queue.get() shouldBe "b"
        }

        loopTest("a producer and a consumer of a queue with one place take turns") {
            val queue = Queue<Int>(1)
            val events = mutableListOf<String>()
            val producer =
                createTask {
                    repeat(3) {
                        queue.put(it)
                        events += "put $it"
                    }
                }
            val consumer = createTask { repeat(3) { events += "got ${queue.get()}" } }
            gather(producer, consumer).await()
            events.shouldContainExactly("put 0", "got 0", "put 1", "got 1", "put 2", "got 2")
        }

        loopTest("a task whose item was taken by a faster one queues up at the end") {
            val queue = Queue<String>()
            val events = mutableListOf<String>()
            val first = createTask { events += "first got ${queue.get()}" }
            val second = createTask { events += "second got ${queue.get()}" }
            turn()
            queue.putNowait("a")
            events += "thief got ${queue.getNowait()}"
            turn()
            queue.toString() shouldContain "getters[2]"
            queue.putNowait("b")
            queue.putNowait("c")
            gather(first, second).await()
            events.shouldContainExactly("thief got a", "second got b", "first got c")
        }

        loopTest("a getter that times out leaves the queue") {
            val queue = Queue<Int>(5)
            shouldThrow<TimeoutException> { waitFor(100.milliseconds) { queue.get() } }
            queue.toString() shouldBe "<Queue maxsize=5>"
        }

        loopTest("the item of a woken task that is cancelled is not lost") {
            val queue = Queue<Int>()
            val reader = createTask { queue.get() }
            turn()
            queue.putNowait(1)
            queue.putNowait(2)
            reader.cancel()
            shouldThrow<CancelledException> { reader.await() }
            queue.get() shouldBe 1
            queue.get() shouldBe 2
        }

        loopTest("a woken task that is cancelled wakes the next") {
            val queue = Queue<Int>()
            val readers = List(3) { createTask { queue.get() } }
            turn()
            queue.putNowait(1)
            queue.putNowait(2)
            readers[0].cancel()
            shouldThrow<CancelledException> { readers[0].await() }
            gather(readers.drop(1)).await().shouldContainExactly(1, 2)
        }

        loopTest("a timeout of kotlinx loses no item") {
            val queue = Queue<Int>()
            shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { queue.get() } }
            queue.toString() shouldBe "<Queue maxsize=0>"
            queue.putNowait(1)
            queue.get() shouldBe 1
        }

        loopTest("an item is put without giving up the turn where there is place") {
            val queue = Queue<Int>()
            val other = createTask { }
            queue.put(1)
            queue.get() shouldBe 1
            other.done() shouldBe false
        }

        loopTest("a task waits for a place until an item is got") {
            val queue = Queue<Int>(1)
            val events = mutableListOf<String>()
            getRunningLoop().callLater(10.milliseconds) { queue.getNowait() }
            val putter =
                createTask {
                    queue.put(1)
                    events += "first"
                    queue.put(2)
                    events += "second"
                }
            turn()
            events.shouldContainExactly("first")
            putter.await()
            events.shouldContainExactly("first", "second")
            getRunningLoop().time() shouldBe 10.milliseconds
        }

        test("putNowait adds where there is place") {
            val queue = Queue<Int>()
            queue.putNowait(1)
            queue.qsize() shouldBe 1
        }

        test("putNowait is refused when it is full") {
            val queue = Queue<Int>(1)
            queue.putNowait(1)
            shouldThrow<QueueFull> { queue.putNowait(2) }.message shouldContain "is full"
            queue.qsize() shouldBe 1
        }

        loopTest("a writer that was woken and is cancelled does not put, and can try again") {
            val queue = Queue<Int>(1)
            queue.putNowait(1)
            val writer = createTask { queue.put(2) }
            turn()
            queue.getNowait() shouldBe 1
            writer.cancel()
            shouldThrow<CancelledException> { writer.await() }
            queue.empty() shouldBe true
            createTask { queue.put(2) }.await()
            queue.getNowait() shouldBe 2
            queue.qsize() shouldBe 0
        }

        loopTest("a task that puts ends before the getter it woke runs") {
            val queue = Queue<Int>()
            val putter = createTask { queue.put(1) }
            queue.get() shouldBe 1
            putter.done() shouldBe true
        }

        loopTest("a place passes over a task that was cancelled while it waited") {
            val queue = Queue<String>(1)
            val a = createTask { queue.put("a") }
            val b = createTask { queue.put("b") }
            val x = createTask { queue.put("x") }
            turn()
            a.done() shouldBe true
            b.done() shouldBe false
            x.cancel()
            turn()
            x.cancelled() shouldBe true
            queue.getNowait() shouldBe "a"
            turn()
            queue.getNowait() shouldBe "b"
            b.await()
        }

        loopTest("a woken writer that is cancelled wakes the next") {
            val queue = Queue<String>(1)
            queue.putNowait("a")
            val b = createTask { queue.put("b") }
            val c = createTask { queue.put("c") }
            turn()
            queue.getNowait() shouldBe "a"
            b.cancel()
            c.await()
            b.cancelled() shouldBe true
            queue.getNowait() shouldBe "c"
        }

        loopTest("putting wakes the task that waits to get") {
            val queue = Queue<String>()
            val getter = createTask { queue.get() }
            turn()
            queue.put("a")
            getter.await() shouldBe "a"
        }

        loopTest("taking several items at once lets as many writers in") {
            val queue = Queue<Int>(2)
            val taken = mutableListOf<Int>()
            val getter =
                createTask {
                    turn()
                    repeat(queue.qsize()) { taken += queue.getNowait() }
                }
            val putters = List(4) { createTask { queue.put(it) } }
            gather(putters).await()
            getter.await()
            taken.shouldContainExactly(0, 1)
            List(2) { queue.getNowait() }.shouldContainExactly(2, 3)
        }

        loopTest("a cancelled writer leaves the queue") {
            val queue = Queue<Int>(1)
            queue.putNowait(1)
            val writer = createTask { queue.put(1) }
            turn()
            queue.toString() shouldContain "putters[1]"
            writer.cancel()
            shouldThrow<CancelledException> { writer.await() }
            queue.toString() shouldBe "<Queue maxsize=1 items=[1] tasks=1>"
        }

        test("a task that must wait for it on another loop is refused, whatever it waits for") {
            val queue = Queue<Int>(1)
            runTest {
                val getter = createTask { queue.get() }
                turn()
                getter.cancel()
            }
            runTest {
                val bound = "is bound to a different event loop"
                shouldThrow<IllegalStateException> { queue.get() }.message shouldContain bound
                queue.put(1)
                shouldThrow<IllegalStateException> { queue.put(2) }.message shouldContain bound
                shouldThrow<IllegalStateException> { queue.join() }.message shouldContain bound
                queue.get() shouldBe 1
            }
        }

        test("a deadlock says which queue is waited for, and for what") {
            val starving = shouldThrow<Deadlock> { runTest { Queue<Int>().get() } }
            starving.message shouldContain "Queue.get of <Queue maxsize=0 getters[1]>"
            val stuck =
                shouldThrow<Deadlock> {
                    runTest {
                        val queue = Queue<Int>(1)
                        repeat(2) { queue.put(it) }
                    }
                }
            stuck.message shouldContain "Queue.put of <Queue maxsize=1 putters[1] tasks=1>"
        }
    })
