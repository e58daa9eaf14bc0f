// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class EventTest :
    FunSpec({
        loopTest("its text says whether it is set and how many wait") {
            val event = Event()
            event.toString() shouldBe "<Event [unset]>"
            val waiting = createTask { event.wait() }
            turn()
            event.toString() shouldBe "<Event [unset, waiters:1]>"
            event.set()
            event.toString() shouldBe "<Event [set, waiters:1]>"
            waiting.await()
            event.toString() shouldBe "<Event [set]>"
        }

        loopTest("setting it wakes all waiters in the order they came, after those that come now and need not wait") {
            val event = Event()
            val events = mutableListOf<Int>()

            fun waiter(number: Int) =
                createTask {
                    event.wait() shouldBe true
                    events += number
                }
            val first = waiter(1)
            val second = waiter(2)
            turn()
            events.shouldBeEmpty()

            val third = waiter(3)
            event.set()
            turn()
            events.shouldContainExactly(3, 1, 2)
            listOf(first, second, third).all { it.done() } shouldBe true
        }

        loopTest("waiting for a set event returns without giving up the turn") {
            val event = Event()
            event.set()
            val other = createTask { }
            event.wait() shouldBe true
            other.done() shouldBe false
        }

        loopTest("a task that is cancelled while it waits leaves the queue") {
            val event = Event()
            val waiting = createTask { event.wait() }
            getRunningLoop().callSoon { waiting.cancel() }
            shouldThrow<CancelledException> { waiting.await() }
            event.toString() shouldBe "<Event [unset]>"
        }

        loopTest("a cancelled waiter that has not run since is passed over") {
            val event = Event()
            val cancelled = createTask { event.wait() }
            val waiting = createTask { event.wait() }
            turn()
            cancelled.cancel()
            event.set()
            waiting.await() shouldBe true
            cancelled.cancelled() shouldBe true
        }

        test("it can be cleared") {
            val event = Event()
            event.isSet shouldBe false
            event.set()
            event.isSet shouldBe true
            event.clear()
            event.isSet shouldBe false
        }

        loopTest("clearing it does not hold back those that were woken, and setting it again wakes them once") {
            val event = Event()
            val events = mutableListOf<String>()
            val waiting =
                createTask {
                    event.wait() shouldBe true
                    events += "woken"
                }
            turn()
            events.shouldBeEmpty()

            event.set()
            event.clear()
            event.isSet shouldBe false
            event.set()
            event.set()
            event.toString() shouldBe "<Event [set, waiters:1]>"

            turn()
            events.shouldContainExactly("woken")
            event.toString() shouldBe "<Event [set]>"
            waiting.done() shouldBe true
        }

        loopTest("whoever waits after a clear is not woken by the set before it") {
            val event = Event()
            event.set()
            event.clear()
            val waiting = createTask { event.wait() }
            turn()
            turn()
            waiting.done() shouldBe false
            event.set()
            gather(waiting).await().shouldContainExactly(true)
        }

        test("a task that must wait for it on another loop is refused") {
            val event = Event()
            runTest {
                val waiting = createTask { event.wait() }
                turn()
                waiting.cancel()
            }
            runTest {
                val refused = shouldThrow<IllegalStateException> { event.wait() }
                refused.message shouldContain "<Event [unset]> is bound to a different event loop"
            }
        }

        test("a deadlock says which event is waited for") {
            val deadlock = shouldThrow<Deadlock> { runTest { Event().wait() } }
            deadlock.message shouldContain "Event.wait of <Event [unset, waiters:1]>"
        }
    })
