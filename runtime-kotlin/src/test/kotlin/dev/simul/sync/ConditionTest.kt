// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.waitFor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ConditionTest :
    FunSpec({
        loopTest("its text says whether its lock is locked and how many wait to be notified") {
            val condition = Condition()
            condition.toString() shouldBe "<Condition [unlocked]>"
            condition.acquire()
            condition.toString() shouldBe "<Condition [locked]>"
            condition.release()
            val waiting = List(2) { createTask { condition.use { condition.wait() } } }
            turn()
            condition.toString() shouldBe "<Condition [unlocked, waiters:2]>"
            condition.use { condition.notifyAll() }
            waiting.forEach { it.await() }
        }

        loopTest("notified tasks go on when they get the lock, one by one, in the order they came") {
            val condition = Condition()
            val events = mutableListOf<Int>()
            val tasks =
                List(3) {
                    createTask {
                        condition.acquire()
                        condition.wait() shouldBe true
                        events += it + 1
                    }
                }
            turn()
            events.shouldBeEmpty()
            condition.locked() shouldBe false

            condition.acquire() shouldBe true
            condition.notify()
            turn()
            events.shouldBeEmpty()
            condition.locked() shouldBe true

            condition.release()
            turn()
            events.shouldContainExactly(1)
            condition.locked() shouldBe true

            condition.notify(2)
            turn()
            events.shouldContainExactly(1)
            condition.locked() shouldBe true

            condition.release()
            turn()
            events.shouldContainExactly(1, 2)
            condition.locked() shouldBe true

            condition.release()
            turn()
            events.shouldContainExactly(1, 2, 3)
            condition.locked() shouldBe true
            tasks.all { it.done() } shouldBe true
        }

        loopTest("a task that is cancelled while it waits has the lock again when it stops") {
            val condition = Condition()
            condition.acquire()
            val waiting = createTask { condition.wait() }
            getRunningLoop().callSoon { waiting.cancel() }
            shouldThrow<CancelledException> { waiting.await() }
            condition.toString() shouldBe "<Condition [locked]>"
        }

        loopTest("a notified task that is cancelled when the lock is being freed has the lock when it ends") {
            val condition = Condition()
            condition.acquire()
            val waiting = createTask { condition.wait() }
            turn()
            condition.locked() shouldBe false

            condition.acquire()
            condition.notify()
            getRunningLoop().callSoon { waiting.cancel() }
            getRunningLoop().callSoon { condition.release() }
            runCatching { waiting.await() }
            condition.locked() shouldBe true
        }

        loopTest("a task that is cancelled while it takes the lock again is cancelled when it has it") {
            val condition = Condition()
            var waited = false
            val waiting =
                createTask {
                    condition.use {
                        waited = true
                        condition.wait()
                    }
                }
            turn()
            condition.acquire()
            condition.notify()
            turn()
            waiting.cancel()
            turn()
            waiting.done() shouldBe false
            condition.release()
            turn()
            waiting.cancelled() shouldBe true
            waited shouldBe true
            condition.locked() shouldBe false
        }

        loopTest("it takes the lock again through any number of cancellations, and throws the last") {
            val condition = Condition()
            val events = mutableListOf<String?>()
            val waiting =
                createTask {
                    condition.use {
                        val cancelled = shouldThrow<CancelledException> { condition.wait() }
                        events += cancelled.message
                        condition.locked() shouldBe true
                    }
                }
            turn()
            condition.acquire()
            for (message in listOf("first", "second", "third")) {
                waiting.cancel(message)
                turn()
                turn()
                waiting.done() shouldBe false
            }
            condition.release()
            waiting.await()
            events.shouldContainExactly("third")
            condition.locked() shouldBe false
        }

        loopTest("waiting without the lock is refused") {
            val refused = shouldThrow<IllegalStateException> { Condition().wait() }
            refused.message shouldContain "un-acquired lock"
        }

        loopTest("waitFor waits until the predicate is true, asking whenever it is woken") {
            val condition = Condition()
            val events = mutableListOf<String>()
            var ready = false
            val waiting =
                createTask {
                    condition.use {
                        condition.waitFor { ready.also { events += "asked" } } shouldBe true
                        events += "ready"
                    }
                }
            turn()
            events.shouldContainExactly("asked")

            condition.use { condition.notify() }
            turn()
            events.shouldContainExactly("asked", "asked")

            ready = true
            condition.use { condition.notify() }
            turn()
            events.shouldContainExactly("asked", "asked", "asked", "ready")
            waiting.done() shouldBe true
        }

        loopTest("waitFor needs the lock only if the predicate is false") {
            val condition = Condition()
            condition.waitFor { true } shouldBe true
            shouldThrow<IllegalStateException> { condition.waitFor { false } }
        }

        loopTest("notify wakes as many as it is told, and those that were notified are not counted again") {
            val condition = Condition()
            val events = mutableListOf<Int>()
            val tasks =
                List(3) {
                    createTask {
                        condition.use {
                            condition.wait()
                            events += it + 1
                        }
                    }
                }
            turn()
            events.shouldBeEmpty()

            condition.use { condition.notify(1) }
            turn()
            events.shouldContainExactly(1)

            condition.use {
                condition.notify(1)
                condition.notify(2048)
            }
            turn()
            events.shouldContainExactly(1, 2, 3)
            tasks.all { it.done() } shouldBe true
        }

        loopTest("notify passes over those it notified before") {
            val condition = Condition()
            val events = mutableListOf<Int>()
            val tasks =
                List(3) {
                    createTask {
                        condition.use {
                            condition.wait()
                            events += it
                        }
                    }
                }
            turn()
            condition.use {
                condition.notify()
                condition.notify()
            }
            repeat(3) { turn() }
            events.shouldContainExactly(0, 1)
            condition.use { condition.notify() }
            tasks.last().await()
        }

        loopTest("notify of none wakes nobody") {
            val condition = Condition()
            val waiting = createTask { condition.use { condition.wait() } }
            turn()
            condition.use { condition.notify(0) }
            repeat(3) { turn() }
            waiting.done() shouldBe false
            waiting.cancel()
        }

        loopTest("notifyAll wakes all") {
            val condition = Condition()
            val events = mutableListOf<Int>()
            val tasks =
                List(2) {
                    createTask {
                        condition.use {
                            condition.wait()
                            events += it + 1
                        }
                    }
                }
            turn()
            events.shouldBeEmpty()
            condition.use { condition.notifyAll() }
            turn()
            events.shouldContainExactly(1, 2)
            tasks.all { it.done() } shouldBe true
        }

        test("notifying one without the lock is refused") {
            val refused = shouldThrow<IllegalStateException> { Condition().notify() }
            refused.message shouldContain "un-acquired lock"
        }

        test("notifying all without the lock is refused") {
            shouldThrow<IllegalStateException> { Condition().notifyAll() }
        }

        loopTest("use holds the lock for a block, and gives its result") {
            val condition = Condition()
            condition.locked() shouldBe false
            val result: String =
                condition.use {
                    condition.locked() shouldBe true
                    "done"
                }
            result shouldBe "done"
            condition.locked() shouldBe false
        }

        loopTest("a condition guards with the lock it is given") {
            val lock = Lock()
            val condition = Condition(lock)
            condition.use {
                lock.locked() shouldBe true
                condition.locked() shouldBe true
            }
            lock.locked() shouldBe false
            lock.use { condition.locked() shouldBe true }
            condition.locked() shouldBe false
        }

        loopTest("two conditions can share a lock, and each wakes its own waiters") {
            val lock = Lock()
            val filled = Condition(lock)
            val drained = Condition(lock)
            val events = mutableListOf<String>()
            val consumer =
                createTask {
                    lock.use {
                        filled.wait()
                        events += "filled"
                        drained.notify()
                    }
                }
            val producer =
                createTask {
                    lock.use {
                        filled.notify()
                        drained.wait()
                        events += "drained"
                    }
                }
            consumer.await()
            producer.await()
            events.shouldContainExactly("filled", "drained")
        }

        test("a condition whose lock is waited for on another loop is refused there") {
            val lock = Lock()
            runTest {
                lock.acquire()
                val waiting = createTask { lock.acquire() }
                turn()
                waiting.cancel()
            }
            runTest {
                val refused = shouldThrow<IllegalStateException> { Condition(lock).acquire() }
                refused.message shouldContain "<Lock [locked]> is bound to a different event loop"
            }
        }

        test("waiting for a condition of another loop is refused, and the lock stays held") {
            val condition = Condition()
            runTest {
                val waiting = createTask { condition.use { condition.wait() } }
                turn()
                waiting.cancel()
            }
            runTest {
                condition.use {
                    val refused = shouldThrow<IllegalStateException> { condition.wait() }
                    refused.message shouldContain "<Condition [locked]> is bound to a different event loop"
                    condition.locked() shouldBe true
                }
            }
        }

        loopTest("a timeout ends the wait inside the block, with the lock held") {
            val condition = Condition()
            condition.use {
                shouldThrow<TimeoutException> { waitFor(500.milliseconds) { condition.wait() } }
                condition.locked() shouldBe true
            }
            condition.locked() shouldBe false
        }

        loopTest("a cancellation while it waits is thrown as it came") {
            val condition = Condition()
            var thrown: CancelledException? = null
            val task =
                createTask {
                    condition.use {
                        thrown = shouldThrow<CancelledException> { condition.waitFor { false } }
                        throw thrown
                    }
                }
            turn()
            task.cancel("foo")
            val cancelled = shouldThrow<CancelledException> { task.await() }
            cancelled.message shouldBe "foo"
            cancelled shouldBeSameInstanceAs thrown
        }

        loopTest("a cancellation while it takes the lock again is thrown as it came") {
            val condition = Condition()
            var ready = false
            var thrown: CancelledException? = null
            val task =
                createTask {
                    condition.use {
                        thrown = shouldThrow<CancelledException> { condition.waitFor { ready } }
                        throw thrown
                    }
                }
            turn()
            condition.acquire()
            ready = true
            condition.notify()
            turn()
            task.cancel("foo")
            condition.release()
            val cancelled = shouldThrow<CancelledException> { task.await() }
            cancelled.message shouldBe "foo"
            cancelled shouldBeSameInstanceAs thrown
        }

        /** Two consumers wait for one item; [disturb] is what happens to the first when it was notified. */
        suspend fun itemSurvives(disturb: suspend (Task<*>) -> Unit) {
            val condition = Condition()
            var items = 0

            suspend fun consume() =
                condition.use {
                    while (true) {
                        condition.waitFor { items != 0 }
                        if (items < 0) break
                        items--
                    }
                }
            val consumers = List(2) { createTask { consume() } }
            turn()
            condition.use {
                items++
                condition.notify(1)
                disturb(consumers[0])
                runCatching { timeout(10.milliseconds) { condition.waitFor { items == 0 } } }
                items shouldBe 0
                items = -1
                condition.notifyAll()
            }
            consumers[1].await()
            consumers[0].cancelled() shouldBe true
        }

        test("the notification of a task that is cancelled before it wakes up goes to the next") {
            runTest { itemSurvives { it.cancel() } }
        }

        loopTest("the notification of a task that is cancelled while it takes the lock again goes to the next") {
            itemSurvives {
                turn()
                it.cancel()
            }
        }

        loopTest("a timeout of kotlinx ends the wait when the lock is free again, and holds it then") {
            val condition = Condition()
            val events = mutableListOf<String>()
            val impatient =
                createTask {
                    condition.use {
                        shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { condition.wait() } }
                        condition.locked() shouldBe true
                        events += "timeout"
                    }
                }
            turn()
            condition.use {
                sleep(2.seconds)
                events += "released"
            }
            impatient.await()
            events.shouldContainExactly("released", "timeout")
            condition.toString() shouldBe "<Condition [unlocked]>"
        }
    })
