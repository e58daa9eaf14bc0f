// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

class WaitTest :
    FunSpec({
        context("for all") {
            loopTest("it returns when all are done, and again at once, in the order of the arguments") {
                val a = createTask { sleep(TICK * 10) }
                val b = createTask { sleep(TICK * 15) }
                repeat(2) {
                    val (done, pending) = wait(listOf(b, a))
                    done.toList() shouldContainExactly listOf(b, a)
                    pending.shouldBeEmpty()
                    getRunningLoop().time() shouldBe TICK * 15
                }
            }

            loopTest("what is given twice counts once") {
                val task = createTask { "test" }
                val (done, pending) = wait(listOf(task, task, createTask { "spam" }))
                done.map { it.result() } shouldContainExactly listOf("test", "spam")
                pending.shouldBeEmpty()
            }

            loopTest("failures and cancellations are not thrown") {
                val a = createTask { sleep(TICK) }
                val b =
                    createTask<Unit> {
                        sleep(TICK * 2)
                        throw ArithmeticException("really")
                    }
                val c = createTask { sleep(1.seconds) }
                c.cancel()
                repeat(2) {
                    val (done, pending) = wait(listOf(a, b, c))
                    pending.shouldBeEmpty()
                    done.filter { !it.cancelled() && it.exception() != null } shouldContainExactly listOf(b)
                    getRunningLoop().time() shouldBe TICK * 2
                }
            }

            loopTest("any iterable will do, also one that can be iterated only once") {
                val tasks = generateSequence(0) { it + 1 }.take(10).map { n -> createTask { n } }.constrainOnce()
                val (done, pending) = wait(tasks.asIterable())
                done.map { it.result() } shouldContainExactly (0..9).toList()
                pending.shouldBeEmpty()
            }

            loopTest("nothing is refused") {
                shouldThrow<IllegalArgumentException> { wait(emptyList<Future<Int>>()) }.message shouldContain
                    "Set of Tasks/Futures is empty"
            }
        }

        context("for the first one") {
            loopTest("it returns with what is done then, and cancels none of the others") {
                val a = createTask { sleep(10.seconds) }
                val b = createTask { sleep(TICK) }
                val (done, pending) = wait(listOf(b, a), returnWhen = ReturnWhen.FIRST_COMPLETED)
                done shouldBe setOf(b)
                pending shouldBe setOf(a)
                a.cancelling() shouldBe 0
                b.result() shouldBe Unit
                getRunningLoop().time() shouldBe TICK
            }

            loopTest("those that are done by the time it returns are among the done") {
                val a = createTask { turns(1) }
                val b = createTask { turns(2) }
                val (done, pending) = wait(listOf(b, a), returnWhen = ReturnWhen.FIRST_COMPLETED)
                done shouldBe setOf(a, b)
                pending.shouldBeEmpty()
            }

            loopTest("a cancelled one is one as well") {
                val a = Future<Unit>()
                val b = Future<Unit>()
                b.cancel()
                wait(listOf(a, b), returnWhen = ReturnWhen.FIRST_COMPLETED).done shouldBe setOf(b)
            }
        }

        context("for the first failure") {
            loopTest("it returns with one that is there already") {
                val a = createTask { sleep(10.seconds) }
                val b = createTask<Unit> { throw ArithmeticException("err") }
                val (done, pending) = wait(listOf(b, a), returnWhen = ReturnWhen.FIRST_EXCEPTION)
                done shouldBe setOf(b)
                pending shouldBe setOf(a)
                getRunningLoop().time() shouldBe Duration.ZERO
            }

            loopTest("it returns with one that comes while it waits") {
                val a = createTask { sleep(10.seconds) }
                val b =
                    createTask<Unit> {
                        sleep(TICK)
                        throw ArithmeticException("err")
                    }
                val (done, pending) = wait(listOf(b, a), returnWhen = ReturnWhen.FIRST_EXCEPTION)
                done shouldBe setOf(b)
                pending shouldBe setOf(a)
                getRunningLoop().time() shouldBe TICK
            }

            loopTest("a cancellation is no failure") {
                val cancelled = createTask { sleep(10.seconds) }
                val done = createTask { sleep(TICK * 2) }
                cancelled.cancel()
                val result = wait(listOf(cancelled, done), returnWhen = ReturnWhen.FIRST_EXCEPTION)
                result.pending.shouldBeEmpty()
                getRunningLoop().time() shouldBe TICK * 2
            }
        }

        context("with a timeout") {
            loopTest("it returns when that is over, which is no error and cancels nothing") {
                val a = createTask { sleep(TICK * 10) }
                val b = createTask { sleep(TICK * 15) }
                val (done, pending) = wait(listOf(b, a), timeout = TICK * 11)
                done shouldBe setOf(a)
                pending shouldBe setOf(b)
                getRunningLoop().time() shouldBe TICK * 11
                b.await()
                getRunningLoop().time() shouldBe TICK * 15
            }

            loopTest("what is done at that very time is among the done") {
                val a = createTask { sleep(TICK * 10) }
                val b = createTask { sleep(TICK * 15) }
                turns()
                val (done, pending) = wait(listOf(b, a), timeout = TICK * 10)
                done shouldBe setOf(a)
                pending shouldBe setOf(b)
                getRunningLoop().time() shouldBe TICK * 10
            }

            loopTest("of nothing it looks, and gives up the turn") {
                val task = createTask { "ran" }
                val (done, pending) = wait(listOf(task, Future()), timeout = Duration.ZERO)
                done shouldBe setOf(task)
                pending.size shouldBe 1
            }

            loopTest("that is not needed leaves no timer") {
                wait(listOf(createTask { }), timeout = 10.seconds)
                turns()
                getRunningLoop().toString() shouldContain "timers=0"
            }
        }

        context("cancelling the task that waits") {
            loopTest("cancels none of the futures, and leaves no callback and no timer") {
                val waiter = Future<Unit>()
                val events = mutableListOf<String>()
                lateinit var inner: Task<Unit>
                val outer =
                    createTask {
                        inner =
                            createTask {
                                waiter.await()
                                events += "inner went on"
                            }
                        wait(listOf(inner), timeout = 10.seconds)
                        events += "outer went on"
                    }
                turns(2)
                outer.cancel()
                shouldThrow<CancelledException> { outer.await() }
                turns()
                getRunningLoop().toString() shouldContain "timers=0"
                waiter.setResult(Unit)
                inner.await()
                events shouldContainExactly listOf("inner went on")
            }
        }

        loopTest("it tells what it waits for") {
            val task = createTask(name = "slow") { sleep(TICK) }
            val failing = createTask<Unit> { throw IOException() }
            val waiting = createTask { wait(listOf(task, failing)) }
            turns(3)
            waiting.toString() shouldContain "wait for task slow"
            wait(listOf(waiting))
            failing.exception().shouldBeInstanceOf<IOException>()
        }
    })
