// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager
import dev.simul.Future
import dev.simul.Task
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout
import java.lang.ref.WeakReference
import kotlin.time.Duration.Companion.seconds

class LockTest :
    FunSpec({
        loopTest("its text says whether it is locked and how many wait") {
            val lock = Lock()
            lock.toString() shouldBe "<Lock [unlocked]>"
            lock.acquire()
            lock.toString() shouldBe "<Lock [locked]>"
            val waiting = createTask { lock.acquire() }
            turn()
            lock.toString() shouldBe "<Lock [locked, waiters:1]>"
            lock.release()
            waiting.await()
        }

        loopTest("a lock that is not released keeps no task that has ended") {
            val lock = Lock()
            var holder: WeakReference<Task<*>>? = null

            suspend fun acquireInTask() {
                val task = createTask { lock.acquire() }
                task.await()
                holder = WeakReference(task)
            }
            acquireInTask()
            while (holder!!.get() != null) {
                sleep(1.seconds) // A loop that waits forgets the callbacks that it has run.
                System.gc()
            }
            lock.locked() shouldBe true
        }

        test("a lock is free at first") {
            Lock().locked() shouldBe false
        }

        loopTest("a free lock is acquired without giving up the turn") {
            val events = mutableListOf<String>()
            val other = createTask { events += "other" }
            val lock = Lock()
            lock.acquire() shouldBe true
            lock.release()
            lock.use { events += "locked" }
            events += "released"
            other.await()
            events.shouldContainExactly("locked", "released", "other")
        }

        loopTest("tasks get it one by one, in the order they asked") {
            val lock = Lock()
            val events = mutableListOf<Int>()

            fun asker(number: Int) =
                createTask {
                    lock.acquire() shouldBe true
                    events += number
                }
            lock.acquire() shouldBe true
            val tasks = mutableListOf(asker(1), asker(2))
            turn()
            events.shouldBeEmpty()

            lock.release()
            turn()
            events.shouldContainExactly(1)
            turn()
            events.shouldContainExactly(1)

            tasks += asker(3)
            lock.release()
            turn()
            events.shouldContainExactly(1, 2)

            lock.release()
            turn()
            events.shouldContainExactly(1, 2, 3)
            tasks.all { it.done() } shouldBe true
        }

        loopTest("between a release and the turn of the woken task it is not locked, and newcomers queue up all the same") {
            val lock = Lock()
            val events = mutableListOf<String>()
            lock.acquire()
            val first = createTask { lock.use { events += "first" } }
            turn()
            lock.release()
            lock.locked() shouldBe false
            lock.use { events += "releaser" }
            first.await()
            events.shouldContainExactly("first", "releaser")
        }

        loopTest("a task that is cancelled while it waits leaves the queue") {
            val lock = Lock()
            lock.acquire()
            val waiting = createTask { lock.acquire() }
            getRunningLoop().callSoon { waiting.cancel() }
            shouldThrow<CancelledException> { waiting.await() }
            lock.toString() shouldBe "<Lock [locked]>"
        }

        loopTest("a release passes over a waiter that was cancelled and has not run since") {
            val lock = Lock()

            suspend fun lockUntil(blocker: Future<Unit>?) = lock.use { blocker?.await() }
            val blocker = getRunningLoop().createFuture<Unit>()
            val a = createTask { lockUntil(blocker) }
            turn()
            lock.locked() shouldBe true
            val b = createTask { lockUntil(null) }
            turn()
            val c = createTask { lockUntil(null) }
            turn()
            lock.toString() shouldBe "<Lock [locked, waiters:2]>"

            blocker.setResult(Unit)
            b.cancel()
            turn()
            lock.locked() shouldBe false
            a.done() shouldBe true
            b.cancelled() shouldBe true
            c.await()
        }

        loopTest("cancelling one waiter and releasing in the same turn lets exactly one of the others in") {
            val lock = Lock()
            var asked = 0
            var got = 0

            suspend fun ask() {
                asked++
                lock.acquire()
                got++
            }
            lock.acquire()
            val tasks = List(3) { createTask { ask() } }
            turn()
            getRunningLoop().callSoon {
                tasks[0].cancel()
                lock.release()
            }
            shouldThrow<CancelledException> { tasks[0].await() }
            asked shouldBe 3
            got shouldBe 1
            tasks[0].cancelled() shouldBe true
            tasks[1].done() shouldBe true

            tasks[2].cancel()
            turn()
            tasks[2].cancelled() shouldBe true
        }

        loopTest("the next waiter is woken when the first was cancelled just before the release") {
            val lock = Lock()
            lock.acquire()
            val b = createTask { lock.acquire() }
            turn()
            lock.toString() shouldBe "<Lock [locked, waiters:1]>"
            val c = createTask { lock.acquire() }
            b.cancel()
            lock.release()
            turn()
            lock.locked() shouldBe true
            b.cancelled() shouldBe true
            c.await() shouldBe true
        }

        loopTest("a woken task that is cancelled before it runs passes the turn on") {
            val lock = Lock()
            val events = mutableListOf<String>()
            lock.acquire()
            val woken = createTask { lock.use { events += "woken" } }
            val next = createTask { lock.use { events += "next" } }
            turn()
            lock.release()
            woken.cancel()
            next.await()
            woken.cancelled() shouldBe true
            events.shouldContainExactly("next")
        }

        loopTest("a lock whose waiters are all cancelled is free for whoever asks now") {
            val lock = Lock()
            lock.acquire()
            val waiting = createTask { lock.acquire() }
            turn()
            waiting.cancel()
            lock.release()
            lock.acquire()
            lock.toString() shouldBe "<Lock [locked, waiters:1]>"
            turn()
            waiting.cancelled() shouldBe true
            lock.toString() shouldBe "<Lock [locked]>"
        }

        test("releasing a lock that nobody holds is refused") {
            val refused = shouldThrow<IllegalStateException> { Lock().release() }
            refused.message shouldContain "Lock is not acquired"
        }

        loopTest("a release without waiters frees it") {
            val lock = Lock()
            lock.acquire()
            lock.locked() shouldBe true
            lock.release()
            lock.locked() shouldBe false
        }

        loopTest("another task may release it") {
            val lock = Lock()
            lock.acquire()
            createTask { lock.release() }.await()
            lock.locked() shouldBe false
        }

        loopTest("use holds it for a block, and gives its result") {
            val lock = Lock()
            val result: Int =
                lock.use {
                    lock.locked() shouldBe true
                    42
                }
            result shouldBe 42
            lock.locked() shouldBe false
        }

        loopTest("use frees it when the block fails") {
            val lock = Lock()
            val failure = shouldThrow<NoSuchElementException> { lock.use { throw NoSuchElementException("inside") } }
            failure.message shouldBe "inside"
            lock.locked() shouldBe false
        }

        loopTest("locks, conditions and semaphores are context managers that give nothing") {
            for (primitive in listOf(Lock(), Condition(), Semaphore(), BoundedSemaphore())) {
                val manager: AsyncContextManager<Unit> = primitive

                fun locked() = " [locked]" in primitive.toString()
                manager.use {
                    it shouldBe Unit
                    locked() shouldBe true
                }
                locked() shouldBe false
                shouldThrow<NoSuchElementException> { manager.use { throw NoSuchElementException() } }
                locked() shouldBe false
            }
        }

        test("a task that must wait for it on another loop is refused") {
            val lock = Lock()
            runTest {
                lock.acquire()
                val waiting = createTask { lock.acquire() }
                turn()
                waiting.cancel()
            }
            runTest {
                val refused = shouldThrow<IllegalStateException> { lock.acquire() }
                refused.message shouldContain "<Lock [locked]> is bound to a different event loop"
                lock.release()
                lock.acquire() shouldBe true
            }
        }

        test("a lock that was never waited for can be used on one loop after the other") {
            val lock = Lock()
            repeat(2) { runTest { lock.use { turn() } } }
            lock.locked() shouldBe false
        }

        test("a deadlock says which lock is waited for") {
            val deadlock =
                shouldThrow<Deadlock> {
                    runTest {
                        val lock = Lock()
                        lock.use { lock.acquire() }
                    }
                }
            deadlock.message shouldContain "Lock.acquire of <Lock [locked, waiters:1]>"
        }

        loopTest("a timeout of kotlinx around a wait leaves the lock to the others") {
            val lock = Lock()
            val events = mutableListOf<String>()
            lock.acquire()
            val impatient =
                createTask {
                    shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { lock.acquire() } }
                    events += "timeout"
                }
            val patient = createTask { lock.use { events += "locked" } }
            delay(2.seconds)
            lock.release()
            gather(impatient, patient).await()
            events.shouldContainExactly("timeout", "locked")
            lock.locked() shouldBe false
        }
    })
