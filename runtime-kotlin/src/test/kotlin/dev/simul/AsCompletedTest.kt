// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

private fun sleeper(
    ticks: Int,
    result: String,
): Coroutine<String> = coroutine { sleep(TICK * ticks, result) }

/** All ways to take all results. */
private val styles =
    listOf<Pair<String, suspend (AsCompleted<String>) -> List<String>>>(
        "as an iterator" to { completed ->
            buildList { for (next in completed) add(next.await()) }
        },
        "as an iterator of futures" to { completed ->
            buildList { while (completed.hasNext()) add(completed.nextFuture().await().await()) }
        },
        "as a flow" to { completed -> completed.map { it.await() }.toList() },
    )

class AsCompletedTest :
    FunSpec({
        for ((style, takeAll) in styles) {
            context(style) {
                loopTest("the results come in the order in which they are there") {
                    val sleepers = listOf(sleeper(3, "c"), sleeper(1, "a"), sleeper(2, "b"))
                    takeAll(asCompleted(sleepers)) shouldContainExactly listOf("a", "b", "c")
                    getRunningLoop().time() shouldBe TICK * 3
                }

                loopTest("those of the same time are there at the same time") {
                    val sleepers = listOf(sleeper(1, "a"), sleeper(1, "b"), sleeper(15, "c"))
                    takeAll(asCompleted(sleepers)) shouldContainExactly listOf("a", "b", "c")
                    getRunningLoop().time() shouldBe TICK * 15
                }

                loopTest("futures that were done before come in the order of the arguments") {
                    val done = listOf("a", "b").map { result -> Future<String>().also { it.setResult(result) } }
                    takeAll(asCompleted(done)) shouldContainExactly listOf("a", "b")
                }

                loopTest("a failure is thrown in its turn") {
                    val failing = createTask<String> { throw IOException("broken") }
                    shouldThrow<IOException> { takeAll(asCompleted(listOf(failing, sleeper(1, "late")))) }
                }

                loopTest("a timeout that is not needed does nothing, and leaves no timer") {
                    takeAll(asCompleted(listOf(sleeper(1, "a")), 1.seconds)) shouldContainExactly listOf("a")
                    turns()
                    getRunningLoop().toString() shouldContain "timers=0"
                }

                loopTest("what is given twice comes once") {
                    val ham = coroutine { "ham" }
                    takeAll(asCompleted(listOf(ham, ham, coroutine { "spam" }))) shouldContainExactlyInAnyOrder
                        listOf("ham", "spam")
                }

                loopTest("of nothing there is nothing, whatever the timeout") {
                    takeAll(asCompleted(emptyList(), timeout = Duration.ZERO)).shouldBeEmpty()
                    getRunningLoop().toString() shouldContain "timers=0"
                }
            }
        }

        context("when the timeout has passed") {
            loopTest("each remaining coroutine of the iterator throws, and the futures keep running") {
                val events = mutableListOf<String>()
                val tasks = listOf(10, 15, 20).map { n -> createTask { sleep(TICK * n, "after $n") } }
                for (next in asCompleted(tasks, timeout = TICK * 12)) {
                    events +=
                        try {
                            next.await()
                        } catch (_: TimeoutException) {
                            "timeout at ${getRunningLoop().time()}"
                        }
                }
                events shouldContainExactly listOf("after 10", "timeout at 120ms", "timeout at 120ms")
                tasks.map { it.await() } shouldContainExactly listOf("after 10", "after 15", "after 20")
            }

            loopTest("the flow throws, and the futures keep running") {
                val events = mutableListOf<String>()
                val tasks = listOf(10, 15).map { n -> createTask { sleep(TICK * n, "after $n") } }
                shouldThrow<TimeoutException> {
                    asCompleted(tasks, timeout = TICK * 12).collect { events += it.await() }
                }
                getRunningLoop().time() shouldBe TICK * 12
                events shouldContainExactly listOf("after 10")
                tasks.map { it.await() } shouldContainExactly listOf("after 10", "after 15")
            }
        }

        context("what the timeout tells") {
            loopTest("how many were not done when it passed, however far the iteration is") {
                val sleepers = listOf(sleeper(1, "a"), sleeper(5, "b"), sleeper(6, "c"))
                val taken = asCompleted(sleepers, TICK * 2).asSequence().toList()
                taken[0].await() shouldBe "a"
                for (next in taken.drop(1)) {
                    shouldThrow<TimeoutException> { next.await() }.message shouldBe
                        "asCompleted timed out with 2 awaitables not done"
                }
            }
        }

        context("what the flow emits") {
            loopTest("futures and tasks come out as they went in, when they are done; coroutines as tasks") {
                val plain = List(2) { n -> coroutine { "coroutine $n" } }
                val tasks = List(2) { n -> createTask { "task $n" } }
                val out = asCompleted(plain + tasks).toList()
                out.all { it.done() } shouldBe true
                out.filter { it in tasks } shouldContainExactlyInAnyOrder tasks
                out.size shouldBe 4
                plain.none { it in out.map<Any, Any> { future -> future } } shouldBe true
            }
        }

        context("going on with the same") {
            loopTest("iterator after a break") {
                val completed = asCompleted(List(4) { n -> coroutine { "$n" } })
                val collected = mutableListOf<String>()
                for (next in completed) {
                    collected += next.await()
                    if (collected.size == 2) break
                }
                for (next in completed) collected += next.await()
                collected shouldContainExactly listOf("0", "1", "2", "3")
                shouldThrow<NoSuchElementException> { completed.next() }
            }

            loopTest("flow after it was left") {
                val completed = asCompleted(List(4) { n -> coroutine { "$n" } })
                val first = completed.take(2).map { it.await() }.toList()
                val rest = completed.map { it.await() }.toList()
                first + rest shouldContainExactly listOf("0", "1", "2", "3")
            }
        }

        context("coroutines taken in advance") {
            loopTest("the first that is awaited gets the first result, whichever it is") {
                val taken = asCompleted(listOf(sleeper(5, "a"), sleeper(10, "b"))).asSequence().toList()
                taken.size shouldBe 2
                taken[1].await() shouldBe "a"
                getRunningLoop().time() shouldBe TICK * 5
                taken[0].await() shouldBe "b"
                getRunningLoop().time() shouldBe TICK * 10
            }

            loopTest("may be awaited at the same time") {
                val taken = asCompleted(listOf(sleeper(5, "a"), sleeper(5, "b"))).asSequence().toList()
                val tasks = taken.map { createTask(it) }
                wait(tasks)
                tasks.map { it.result() } shouldContainExactly listOf("a", "b")
                getRunningLoop().time() shouldBe TICK * 5
            }

            loopTest("one that is cancelled when its result is there leaves it to the next") {
                val future = Future<String>()
                val taken = asCompleted(listOf(future, Future())).asSequence().toList()
                val (one, other) = taken.map { createTask(it) }
                turns()
                future.setResult("a")
                turns() // the completion has woken the first one, which has not run yet
                one.cancel()
                turns(3)
                one.cancelled() shouldBe true
                other.done() shouldBe true
                other.result() shouldBe "a"
            }
        }

        loopTest("cancelling the task that waits cancels none of the futures") {
            val task = createTask { sleep(1.hours) }
            val waiting = createTask { asCompleted(listOf(task)).next().await() }
            turns(2)
            waiting.cancel()
            shouldThrow<CancelledException> { waiting.await() }
            task.cancelling() shouldBe 0
        }

        test("it needs a loop, and takes the running one") {
            shouldRefuse("no current event loop") { asCompleted(listOf(coroutine { 42 })) }
            resultOfTest { asCompleted(listOf(coroutine { 42 })).next().await() } shouldBe 42
        }
    })
