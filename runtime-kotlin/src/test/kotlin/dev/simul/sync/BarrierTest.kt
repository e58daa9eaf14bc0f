// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.loopTest
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import dev.simul.wait as waitForAll

private const val PARTIES = 5

class BarrierTest :
    FunSpec({
        fun <T> tasks(
            count: Int,
            coroutine: suspend () -> T,
        ) = List(count) { createTask { coroutine() } }

        suspend fun <T> runAll(
            count: Int = PARTIES,
            coroutine: suspend () -> T,
        ): List<T> = gather(tasks(count, coroutine)).await()

        fun Barrier.shouldBeIdle() {
            toString() shouldBe "<Barrier [filling, waiters:0/$parties]>"
            nWaiting shouldBe 0
            broken shouldBe false
        }

        test("a new barrier waits for its parties") {
            Barrier(PARTIES).shouldBeIdle()
        }

        loopTest("its text names its state, and how many of how many wait") {
            val barrier = Barrier(PARTIES)
            val waiting = tasks(2) { barrier.wait() }.toMutableList()
            turn()
            barrier.toString() shouldBe "<Barrier [filling, waiters:2/5]>"

            waiting += tasks(barrier.parties - barrier.nWaiting) { barrier.wait() }
            turn()
            barrier.toString() shouldBe "<Barrier [draining, waiters:0/5]>"

            waiting += tasks(2) { barrier.wait() }
            turn()
            barrier.reset()
            barrier.toString() shouldBe "<Barrier [resetting, waiters:0/5]>"

            waiting += tasks(2) { barrier.wait() }
            turn()
            barrier.abort()
            barrier.toString() shouldBe "<Barrier [broken]>"
            barrier.broken shouldBe true
            gatherResults(waiting).await()
        }

        test("a barrier for nobody is refused") {
            shouldThrow<IllegalArgumentException> { Barrier(0) }.message shouldContain "0"
            shouldThrow<IllegalArgumentException> { Barrier(-4) }.message shouldContain "-4"
            Barrier(PARTIES).parties shouldBe PARTIES
        }

        loopTest("use waits, and gives each task its number") {
            val barrier = Barrier(3)
            val numbers = mutableListOf<Int>()
            runAll(3) { barrier.use { numbers += it } }
            numbers.shouldContainExactly(2, 0, 1)
            barrier.shouldBeIdle()
        }

        loopTest("it is a context manager that gives the task's number") {
            val manager: AsyncContextManager<Int> = Barrier(1)
            manager.use { it } shouldBe 0
        }

        loopTest("one task alone passes a barrier for one without giving up the turn") {
            val barrier = Barrier(1)
            val other = createTask { }
            barrier.wait() shouldBe 0
            other.done() shouldBe false
            barrier.shouldBeIdle()
        }

        loopTest("a barrier for one is passed again and again") {
            val barrier = Barrier(1)
            val first = createTask { barrier.wait() }
            turn()
            barrier.nWaiting shouldBe 0
            val second = createTask { barrier.wait() }
            turn()
            first.result() shouldBe 0
            second.result() shouldBe 0
            barrier.shouldBeIdle()
        }

        loopTest("it counts the tasks as they come, and the last one completes the round") {
            val barrier = Barrier(3)
            val first = createTask { barrier.wait() }
            turn()
            barrier.nWaiting shouldBe 1
            val second = createTask { barrier.wait() }
            turn()
            barrier.nWaiting shouldBe 2
            barrier.toString() shouldBe "<Barrier [filling, waiters:2/3]>"
            val third = createTask { barrier.wait() }
            turn()
            third.done() shouldBe true
            first.done() shouldBe false

            waitForAll(listOf(first, second, third)).done.size shouldBe 3
            listOf(first, second, third).map { it.result() }.shouldContainExactly(0, 1, 2)
            barrier.shouldBeIdle()
        }

        loopTest("nobody enters the second round before all have passed the first") {
            val barrier = Barrier(PARTIES)
            val events = mutableListOf<String>()
            runAll {
                barrier.use {
                    events += "first"
                    barrier.use { events += "second" }
                }
            }
            events.shouldContainExactly(List(PARTIES) { "first" } + List(PARTIES) { "second" })
            barrier.shouldBeIdle()
        }

        loopTest("each task of a round has a number of its own, in every round") {
            val barrier = Barrier(PARTIES)
            val first = mutableListOf<Int>()
            val second =
                runAll {
                    first += barrier.wait()
                    barrier.wait()
                }
            first.shouldContainExactlyInAnyOrder(0, 1, 2, 3, 4)
            second.shouldContainExactlyInAnyOrder(0, 1, 2, 3, 4)
            barrier.shouldBeIdle()
        }

        loopTest("it drains until the last task of the round has left") {
            val barrier = Barrier(PARTIES)
            val draining = mutableListOf<Boolean>()
            runAll { barrier.use { draining += "draining" in barrier.toString() } }
            draining.shouldContainExactly(true, true, true, true, false)
            barrier.shouldBeIdle()
        }

        loopTest("tasks that come again while it drains wait for the next round") {
            val again = 2
            val barrier = Barrier(PARTIES)
            val others = Barrier(PARTIES - again)
            val events = mutableListOf<String>()
            var left = again
            runAll {
                barrier.wait()
                if (left > 0) {
                    left--
                    barrier.wait()
                } else {
                    others.wait()
                    events += "others"
                    barrier.wait()
                }
                events += "all"
            }
            events.shouldContainExactly(List(PARTIES - again) { "others" } + List(PARTIES) { "all" })
            barrier.shouldBeIdle()
            others.shouldBeIdle()
        }

        loopTest("a task that is cancelled leaves the round and does not break the barrier") {
            val barrier = Barrier(3)
            val events = mutableListOf<String>()

            suspend fun pass() {
                barrier.wait()
                events += "passed"
            }
            val cancelled = createTask { pass() }
            turn()
            barrier.nWaiting shouldBe 1
            val second = createTask { pass() }
            turn()
            barrier.nWaiting shouldBe 2

            cancelled.cancel()
            turn()
            barrier.nWaiting shouldBe 1
            shouldThrow<CancelledException> { cancelled.await() }
            cancelled.cancelled() shouldBe true

            val third = createTask { pass() }
            turn()
            barrier.nWaiting shouldBe 2
            events.shouldBeEmpty()
            val fourth = createTask { pass() }
            gather(second, third, fourth).await()
            events.size shouldBe 3
            barrier.shouldBeIdle()
        }

        loopTest("resetting one that nobody waits for does nothing") {
            val barrier = Barrier(1)
            createTask { barrier.reset() }.await()
            barrier.shouldBeIdle()
            barrier.wait() shouldBe 0
        }

        loopTest("a reset throws at the tasks that wait") {
            val barrier = Barrier(PARTIES)
            var refused = 0
            val waiting = tasks(PARTIES - 1) { shouldThrow<BrokenBarrierException> { barrier.wait() }.also { refused++ } }
            turn()
            createTask { barrier.reset() }
            gather(waiting).await()
            refused shouldBe PARTIES - 1
            barrier.shouldBeIdle()
        }

        loopTest("a reset while a round leaves throws at those that are still inside") {
            val barrier = Barrier(PARTIES)
            val events = mutableListOf<String>()
            runAll {
                try {
                    barrier.wait()
                    events += "passed"
                    if (events.size == PARTIES - PARTIES / 2) barrier.reset()
                } catch (_: BrokenBarrierException) {
                    events += "refused"
                }
            }
            events.shouldContainExactly("passed", "passed", "passed", "refused", "refused")
            barrier.shouldBeIdle()
        }

        loopTest("a reset while a round leaves spares those that wait for the next one already") {
            val barrier = Barrier(PARTIES)
            var refusedInside = 0
            var refusedBefore = 0
            var passed = 0
            runAll {
                try {
                    barrier.wait()
                } catch (_: BrokenBarrierException) {
                    refusedInside++
                    barrier.wait()
                    return@runAll
                }
                passed++
                if (passed > PARTIES / 2) {
                    barrier.reset()
                    barrier.wait()
                } else {
                    try {
                        barrier.wait()
                    } catch (_: BrokenBarrierException) {
                        refusedBefore++
                    }
                }
            }
            refusedInside shouldBe PARTIES / 2
            refusedBefore shouldBe 0
            barrier.shouldBeIdle()
        }

        loopTest("tasks that were thrown out by a reset can wait again") {
            val barrier = Barrier(PARTIES)
            var refused = 0
            var passed = 0
            val waiting =
                tasks(PARTIES - 1) {
                    try {
                        barrier.wait()
                    } catch (_: BrokenBarrierException) {
                        refused++
                    } finally {
                        barrier.wait()
                        passed++
                    }
                }
            createTask { barrier.reset() }
            turn()
            createTask { barrier.use { passed++ } }
            gather(waiting).await()
            refused shouldBe PARTIES - 1
            passed shouldBe PARTIES
            barrier.shouldBeIdle()
        }

        loopTest("a reset by the last task that leaves throws at nobody") {
            val barrier = Barrier(PARTIES)
            var left = 0
            var second = 0
            var refused = 0
            var third = 0
            runAll {
                barrier.wait()
                left++
                if (left == PARTIES) {
                    barrier.reset()
                    barrier.wait()
                } else {
                    try {
                        barrier.wait()
                        second++
                    } catch (_: BrokenBarrierException) {
                        refused++
                    }
                }
                barrier.wait()
                third++
            }
            second shouldBe PARTIES - 1
            refused shouldBe 0
            third shouldBe PARTIES
            barrier.shouldBeIdle()
        }

        loopTest("an aborted barrier is broken, and refuses tasks until it is reset") {
            val barrier = Barrier(1)
            createTask { barrier.abort() }.await()
            barrier.nWaiting shouldBe 0
            barrier.broken shouldBe true
            shouldThrow<BrokenBarrierException> { barrier.wait() }.message shouldContain "<Barrier [broken]>"
            barrier.reset()
            barrier.wait() shouldBe 0
            barrier.shouldBeIdle()
        }

        loopTest("an abort while a round leaves throws at those inside and at those that wait for the next one") {
            val barrier = Barrier(PARTIES)
            val allowed = PARTIES / 2
            var inside = 0
            var blocked = 0
            var passed = 0
            runAll {
                try {
                    barrier.wait()
                } catch (_: BrokenBarrierException) {
                    inside++
                    return@runAll
                }
                passed++
                if (passed > allowed) {
                    barrier.abort()
                } else {
                    try {
                        barrier.wait()
                    } catch (_: BrokenBarrierException) {
                        blocked++
                    }
                }
            }
            barrier.broken shouldBe true
            inside shouldBe allowed
            blocked shouldBe PARTIES - allowed - 1
            barrier.nWaiting shouldBe 0
            barrier.toString() shouldBe "<Barrier [broken]>"
        }

        loopTest("a task that fails can break the barrier for the others") {
            val barrier = Barrier(PARTIES)
            var passed = 0
            var refused = 0
            runAll {
                try {
                    barrier.use { if (it == PARTIES / 2) throw NoSuchElementException() }
                    barrier.use { passed++ }
                } catch (_: BrokenBarrierException) {
                    refused++
                } catch (_: NoSuchElementException) {
                    barrier.abort()
                }
            }
            barrier.broken shouldBe true
            passed shouldBe 0
            refused shouldBe PARTIES - 1
            barrier.nWaiting shouldBe 0
        }

        loopTest("a broken barrier works again after a reset") {
            val barrier = Barrier(PARTIES)
            val meeting = Barrier(PARTIES)
            var passed = 0
            var refused = 0
            var passedAfterReset = 0
            runAll {
                try {
                    if (barrier.wait() == PARTIES / 2) throw NoSuchElementException()
                    barrier.wait()
                    passed++
                } catch (_: BrokenBarrierException) {
                    refused++
                } catch (_: NoSuchElementException) {
                    barrier.abort()
                }
                // All have left it before the reset, and nobody comes back before it.
                if (meeting.wait() == PARTIES / 2) barrier.reset()
                meeting.wait()
                barrier.wait()
                passedAfterReset++
            }
            passed shouldBe 0
            refused shouldBe PARTIES - 1
            passedAfterReset shouldBe PARTIES
            barrier.shouldBeIdle()
        }

        test("a task that must wait for it on another loop is refused") {
            val barrier = Barrier(2)
            runTest {
                val waiting = createTask { barrier.wait() }
                turn()
                waiting.cancel()
            }
            runTest {
                val refused = shouldThrow<IllegalStateException> { barrier.wait() }
                refused.message shouldContain "is bound to a different event loop"
                barrier.shouldBeIdle()
            }
        }

        test("a deadlock says that the barrier is waited for") {
            val deadlock = shouldThrow<Deadlock> { runTest { Barrier(2).wait() } }
            deadlock.message shouldContain "Barrier.wait of <Barrier [filling, waiters:1/2]>"
        }
    })
