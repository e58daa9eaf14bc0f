// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.waitFor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class SemaphoreTest :
    FunSpec({
        test("one without permits is locked from the start") {
            Semaphore(0).locked() shouldBe true
        }

        loopTest("its text says how many permits and waiters there are") {
            val semaphore = Semaphore()
            semaphore.toString() shouldBe "<Semaphore [unlocked, value:1]>"
            semaphore.acquire()
            semaphore.toString() shouldBe "<Semaphore [locked]>"
            val first = createTask { semaphore.use { } }
            turn()
            semaphore.toString() shouldBe "<Semaphore [locked, waiters:1]>"
            val second = createTask { semaphore.use { } }
            turn()
            semaphore.toString() shouldBe "<Semaphore [locked, waiters:2]>"
            semaphore.release()
            gather(first, second).await()
            BoundedSemaphore(2).toString() shouldBe "<BoundedSemaphore [unlocked, value:2]>"
        }

        loopTest("it has one permit unless it is told otherwise") {
            val semaphore = Semaphore()
            semaphore.locked() shouldBe false
            semaphore.acquire()
            semaphore.locked() shouldBe true
        }

        test("a negative number of permits is refused") {
            shouldThrow<IllegalArgumentException> { Semaphore(-1) }.message shouldContain "-1"
            shouldThrow<IllegalArgumentException> { BoundedSemaphore(-2) }.message shouldContain "-2"
        }

        loopTest("as many tasks get in as there are permits, and a release lets the next one in") {
            val semaphore = Semaphore(3)
            val events = mutableListOf<Int>()

            fun asker(number: Int) =
                createTask {
                    semaphore.acquire() shouldBe true
                    events += number
                }
            semaphore.acquire() shouldBe true
            semaphore.acquire() shouldBe true
            semaphore.locked() shouldBe false

            val tasks = mutableListOf(asker(1), asker(2), asker(3))
            turn()
            events.shouldContainExactly(1)
            semaphore.toString() shouldBe "<Semaphore [locked, waiters:2]>"

            tasks += asker(4)
            semaphore.release()
            semaphore.release()
            semaphore.locked() shouldBe true
            turn()
            events.shouldContainExactly(1, 2, 3)
            semaphore.toString() shouldBe "<Semaphore [locked, waiters:1]>"
            tasks[3].done() shouldBe false

            semaphore.release()
            gather(tasks).await()
            events.shouldContainExactly(1, 2, 3, 4)
        }

        loopTest("a task that is cancelled while it waits leaves the queue") {
            val semaphore = Semaphore()
            semaphore.acquire()
            val waiting = createTask { semaphore.acquire() }
            getRunningLoop().callSoon { waiting.cancel() }
            shouldThrow<CancelledException> { waiting.await() }
            semaphore.toString() shouldBe "<Semaphore [locked]>"
        }

        loopTest("a permit passes over waiters that were cancelled and have not run since") {
            val semaphore = Semaphore(0)
            val tasks = List(4) { createTask { semaphore.acquire() } }
            turn()
            tasks[0].cancel()
            tasks[1].cancel()
            semaphore.release()
            turn()
            turn()
            tasks[2].done() shouldBe true
            tasks[3].done() shouldBe false
            tasks[3].cancel()
            turn()
        }

        loopTest("a release after a cancellation in the same turn does not hang") {
            val semaphore = Semaphore(0)
            val cancelled = createTask { semaphore.acquire() }
            val waiting = createTask { semaphore.acquire() }
            turn()
            cancelled.cancel()
            semaphore.release()
            turn()
            turn()
            semaphore.locked() shouldBe true
            waiting.done() shouldBe true
        }

        loopTest("a task that was handed the permit and is cancelled before it runs gives it back") {
            val semaphore = Semaphore(1)
            var second: Task<Unit>? = null
            val first =
                createTask {
                    semaphore.use { turn() }
                    second!!.cancel()
                    Unit
                }
            second = createTask { semaphore.use { throw AssertionError("was cancelled, must not get in") } }
            val (one, two) = gatherResults(first, second).await()
            one.isSuccess shouldBe true
            two.exceptionOrNull().shouldBeInstanceOf<CancelledException>()
            waitFor(1.seconds) { semaphore.acquire() } shouldBe true
        }

        loopTest("the permit that a cancelled task gives back goes to the next who waits") {
            val semaphore = Semaphore(0)
            val handed = createTask { semaphore.acquire() }
            val next = createTask { semaphore.acquire() }
            turn()
            semaphore.release()
            handed.cancel()
            next.done() shouldBe false
            turn()
            turn()
            handed.cancelled() shouldBe true
            next.done() shouldBe true
            semaphore.toString() shouldBe "<Semaphore [locked]>"
        }

        loopTest("releasing a bounded one above its bound is refused") {
            val semaphore = BoundedSemaphore(2)
            shouldThrow<IllegalArgumentException> { semaphore.release() }.message shouldContain "released too many times"
            semaphore.acquire()
            semaphore.release()
            shouldThrow<IllegalArgumentException> { semaphore.release() }
            semaphore.toString() shouldBe "<BoundedSemaphore [unlocked, value:2]>"
        }

        test("an unbounded one may be released without having been acquired") {
            val semaphore = Semaphore(0)
            semaphore.release()
            semaphore.release()
            semaphore.toString() shouldBe "<Semaphore [unlocked, value:2]>"
        }

        loopTest("a release without waiters frees it") {
            val semaphore = Semaphore()
            semaphore.acquire()
            semaphore.locked() shouldBe true
            semaphore.release()
            semaphore.locked() shouldBe false
        }

        loopTest("tasks that ask again queue up behind those that wait") {
            val semaphore = Semaphore(1)
            val events = mutableListOf<String>()
            val tasks =
                List(3) { number ->
                    createTask {
                        for (round in 1..2) {
                            semaphore.acquire()
                            events += "${number}_$round"
                            sleep(10.milliseconds)
                            semaphore.release()
                        }
                    }
                }
            gather(tasks).await()
            events.shouldContainExactly("0_1", "1_1", "2_1", "0_2", "1_2", "2_2")
        }

        loopTest("a task that releases and asks again does not overtake those that wait") {
            val semaphore = Semaphore(1)
            val events = mutableListOf<Int>()
            val first =
                createTask {
                    semaphore.acquire()
                    events += 1
                }
            val second =
                createTask {
                    semaphore.acquire()
                    events += 2
                    semaphore.release()
                    semaphore.acquire()
                    events += 4
                }
            val third =
                createTask {
                    semaphore.acquire()
                    events += 3
                }
            turn()
            semaphore.release()
            semaphore.release()
            gather(first, second, third).await()
            events.shouldContainExactly(1, 2, 3, 4)
        }

        loopTest("those behind a cancelled waiter keep their order") {
            val semaphore = Semaphore(0)
            val events = mutableListOf<Int>()
            val tasks =
                List(3) {
                    createTask {
                        semaphore.acquire()
                        events += it + 1
                    }
                }
            turn()
            tasks[0].cancel()
            turn()
            semaphore.release()
            semaphore.release()
            gatherResults(tasks).await()
            events.shouldContainExactly(2, 3)
        }

        loopTest("it stays locked to newcomers while woken tasks have not run, and one that runs wakes all there are permits for") {
            val semaphore = Semaphore(0)
            val events = mutableListOf<Int>()
            var late: Task<Boolean>? = null
            val first =
                createTask {
                    semaphore.acquire()
                    semaphore.permits shouldBe 0
                    late = createTask { events.add(4) }
                    events.add(1)
                }
            val second =
                createTask {
                    repeat(3) { semaphore.release() }
                    semaphore.permits shouldBe 2
                    semaphore.locked() shouldBe true
                    semaphore.acquire()
                    events.add(2)
                }
            val third =
                createTask {
                    semaphore.acquire()
                    semaphore.locked() shouldBe true
                    events.add(3)
                }
            turn()
            semaphore.permits shouldBe 2
            semaphore.toString() shouldBe "<Semaphore [locked, waiters:3]>"
            turn()
            gather(first, second, third, late!!).await()
            events.shouldContainExactly(1, 2, 3, 4)
        }

        loopTest("use holds a permit for a block, gives its result, and frees the permit when the block fails") {
            val semaphore = BoundedSemaphore()
            val result: Int =
                semaphore.use {
                    semaphore.locked() shouldBe true
                    42
                }
            result shouldBe 42
            shouldThrow<NoSuchElementException> { semaphore.use { throw NoSuchElementException() } }
            semaphore.locked() shouldBe false
        }

        test("a task that must wait for it on another loop is refused") {
            val semaphore = Semaphore(0)
            runTest {
                val waiting = createTask { semaphore.acquire() }
                turn()
                waiting.cancel()
            }
            runTest {
                val refused = shouldThrow<IllegalStateException> { semaphore.acquire() }
                refused.message shouldContain "<Semaphore [locked]> is bound to a different event loop"
            }
        }

        test("a deadlock says which semaphore is waited for") {
            val deadlock = shouldThrow<Deadlock> { runTest { BoundedSemaphore(0).acquire() } }
            deadlock.message shouldContain "Semaphore.acquire of <BoundedSemaphore [locked, waiters:1]>"
        }

        loopTest("a timeout of kotlinx loses no permit") {
            val semaphore = Semaphore(0)
            shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { semaphore.acquire() } }
            semaphore.toString() shouldBe "<Semaphore [locked]>"
            semaphore.release()
            semaphore.toString() shouldBe "<Semaphore [unlocked, value:1]>"
        }
    })
