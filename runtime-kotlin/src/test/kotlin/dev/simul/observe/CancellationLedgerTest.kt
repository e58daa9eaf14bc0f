// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Runner
import dev.simul.Task
import dev.simul.asDeferred
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.queues.Queue
import dev.simul.runTestPatiently
import dev.simul.sleep
import dev.simul.staggered.staggeredRace
import dev.simul.taskGroup
import dev.simul.testing.Deadlock
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.toCompletableFuture
import dev.simul.turns
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.yield
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.lang.ref.WeakReference
import kotlin.concurrent.thread
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Waits, and then cleans up by getting what never comes. */
private suspend fun stubborn(queue: Queue<Int>) {
    try {
        sleep(1.hours)
    } finally {
        queue.get()
        check(true)
    }
}

/** With `*` for lines of code and for the numbers of tasks. */
private fun Task<*>.ledger(): List<String> =
    cancellationLedger(this).map { line ->
        line.replace(Regex("at \\S+\\([^)]*\\)"), "at *").replace(Regex("Task-\\d+"), "Task-*")
    }

private fun Task<*>.asker(): String = ledger().last { it.startsWith("asked") }.removePrefix("asked to cancel by ").substringBefore("; ")

class CancellationLedgerTest :
    FunSpec({
        suspend fun waiting(name: String? = null): Task<Unit> =
            createTask(name = name) {
                sleep(1.hours)
                check(true)
            }.also { turns() }

        loopTest("an old request that met a running task does not keep all that follow") {
            val task = currentTask()!!
            task.cancel("old")
            shouldThrow<CancellationException> { sleep(1.hours) }.message shouldBe "old"
            task.uncancel()
            repeat(200) { runCatching { timeout(1.seconds) { sleep(1.hours) } } }
            (cancellationLedger(task).size <= 33) shouldBe true
        }

        context("who asked") {
            loopTest("a task, by its name or its number, with its message") {
                val asked = waiting()
                createTask(name = "boss") { asked.cancel("too slow") }.await()
                asked.asker() shouldBe "boss: \"too slow\""
                val other = waiting()
                createTask { other.cancel() }.await()
                other.asker() shouldBe "Task-*"
            }

            loopTest("the task itself, and a callback") {
                val task = createTask { currentTask()!!.cancel() }
                turns(2)
                task.ledger() shouldContainExactly
                    listOf("asked to cancel by itself; it did not await again", "ended cancelled")
                val asked = waiting()
                getRunningLoop().callSoon { asked.cancel() }
                turns(2)
                asked.asker() shouldBe "a callback of the loop"
            }

            loopTest("its timeout") {
                val task =
                    createTask {
                        runCatching { timeout(1.seconds) { sleep(1.hours) } }
                        sleep(1.hours)
                    }
                sleep(2.seconds)
                task.ledger() shouldContainExactly
                    listOf("asked to cancel by its timeout; delivered at *; then it awaited sleep at *; taken back")
                task.cancel()
            }

            loopTest("the task group, since a member has failed; and since the parent was cancelled") {
                lateinit var member: Task<*>

                suspend fun parent(failing: Boolean) =
                    runCatching {
                        taskGroup {
                            member = it.createTask { sleep(1.hours) }
                            if (failing) it.createTask(name = "broken") { throw ArithmeticException() }
                            sleep(1.hours)
                        }
                    }
                val failing = createTask(name = "parent") { parent(failing = true) }
                failing.await()
                member.asker() shouldBe "its task group, since broken failed"
                failing.ledger().first() shouldBe "asked to cancel by its task group, since broken failed; delivered at *; " +
                    "then it awaited the end of a task group at *; taken back"
                val cancelled = createTask(name = "parent") { parent(failing = false) }
                turns(2)
                cancelled.cancel()
                turns(4)
                member.asker() shouldBe "the task group of parent"
            }

            loopTest("a staggered race, whose winner is found") {
                lateinit var slow: Task<*>
                val racing =
                    createTask(name = "racing") {
                        staggeredRace(
                            listOf(
                                suspend {
                                    slow = currentTask()!!
                                    sleep(1.hours)
                                },
                                suspend { sleep(1.seconds) },
                            ),
                            1.seconds,
                        )
                    }
                racing.await()
                slow.asker() shouldBe "the staggered race of racing"
            }

            loopTest("the task that awaits it, also through gather") {
                val inner = waiting()
                val outer = createTask(name = "outer") { gather(inner).await() }
                turns()
                outer.cancel()
                turns(4)
                inner.asker() shouldBe "outer, which awaits it and was cancelled"
            }

            test("another thread, by a future of its own") {
                runTestPatiently {
                    val first = waiting()
                    val future = first.toCompletableFuture()
                    thread(name = "impatient") { future.cancel(false) }.join()
                    val second = waiting()
                    val deferred = second.asDeferred()
                    thread(name = "impatient") { deferred.cancel() }.join()
                    while (!first.done() || !second.done()) turns()
                    first.asker() shouldBe "thread 'impatient'"
                    second.asker() shouldContain "thread 'impatient'"
                }
            }

            loopTest("its Job, which code of kotlinx has cancelled") {
                val task =
                    createTask {
                        coroutineContext.cancel(CancellationException("enough"))
                        runCatching { yield() }
                        sleep(1.hours)
                    }
                turns(3)
                task.asker() shouldBe "the cancellation of its Job: \"enough\""
                task.cancel()
            }

            test("the end of the run") {
                lateinit var task: Task<*>
                Runner(loopFactory = { VirtualClock().newLoop() }).use { runner ->
                    runner.run {
                        task = createTask { sleep(1.hours) }
                        sleep(Duration.ZERO)
                    }
                }
                task.asker() shouldBe "the end of the run"
            }
        }

        context("what became of it") {
            loopTest("it was delivered in a line, and the task waits in another one") {
                val queue = Queue<Int>()
                val task = createTask { stubborn(queue) }
                turns()
                createTask(name = "boss") { task.cancel() }
                turns(2)
                val line = cancellationLedger(task).single()
                val place = "dev.simul.observe.CancellationLedgerTestKt.stubborn(CancellationLedgerTest.kt"
                withClue(line) {
                    val (delivered, next) = Regex(Regex.escape(place) + ":(\\d+)").findAll(line).map { it.groupValues[1].toInt() }.toList()
                    next - delivered shouldBe 2
                }
                line shouldContain "asked to cancel by boss; delivered at "
                line shouldContain "; then it awaited Queue.get at "
                queue.putNowait(1)
                turns(2)
                cancellationLedger(task).last() shouldBe "ended cancelled"
            }

            loopTest("it is not delivered yet; it was taken back before") {
                val task = waiting()
                task.cancel()
                task.ledger().single() shouldContain "; not delivered yet"
                val busy =
                    createTask {
                        currentTask()!!.cancel()
                        currentTask()!!.uncancel()
                        sleep(1.seconds)
                        7
                    }
                busy.await() shouldBe 7
                busy.ledger() shouldContainExactly
                    listOf("asked to cancel by itself; taken back before it was delivered", "ended with a result")
            }

            loopTest("what the task awaited did not end cancelled") {
                val inner = createTask { runCatching { sleep(1.hours) }.let { "done all the same" } }
                val outer =
                    createTask {
                        inner.await()
                        throw ArithmeticException()
                    }
                turns()
                outer.cancel()
                turns(3)
                outer.ledger().let {
                    it.first() shouldContain "; passed on at * to what it awaited, which did not end cancelled"
                    it.last() shouldBe "ended with java.lang.ArithmeticException"
                }
                outer.markRetrieved()
            }

            loopTest("it was delivered in code of kotlinx") {
                val task =
                    createTask {
                        runCatching { delay(1.hours) }
                        sleep(1.hours)
                    }
                turns()
                task.cancel()
                turns(3)
                task.ledger().single() shouldContain "; delivered at *; then it awaited sleep at *"
                task.cancel()
            }

            loopTest("a task that nobody has cancelled has none, nor one that only met code of kotlinx") {
                val task =
                    createTask {
                        delay(1)
                        sleep(1.seconds)
                    }
                sleep(2.seconds)
                cancellationLedger(task).shouldBeEmpty()
                task.step.lastCancelRequest.shouldBeNull()
            }

            loopTest("the last requests are kept, the others counted") {
                val task =
                    createTask {
                        repeat(100) { runCatching { timeout(1.seconds) { sleep(1.hours) } } }
                    }
                task.await()
                val lines = task.ledger()
                val kept = lines.count { "by its timeout" in it }
                (kept in 16..32) shouldBe true
                lines.first() shouldBe "asked to cancel ${100 - kept} times before"
            }

            loopTest("nobody is kept alive by it") {
                var isOver = false
                val task =
                    createTask {
                        while (!isOver) runCatching { sleep(1.hours) }
                    }
                turns()

                suspend fun askBy(name: String?): WeakReference<Task<*>> {
                    val asker = createTask(name = name) { task.cancel() }
                    asker.await()
                    return WeakReference(asker)
                }
                val askers = listOf(askBy("named"), askBy(null))
                turns(5)
                dev.simul.collectGarbageUntil { askers.all { it.get() == null } } shouldBe true
                task.ledger().size shouldBe 2
                isOver = true
                task.cancel()
            }
        }

        context("it is shown") {
            suspend fun swallowing(): Task<Unit> =
                createTask(name = "swallowing") { stubborn(Queue()) }.also {
                    turns()
                    it.cancel("stop")
                    turns(2)
                }

            val shown = Regex("asked to cancel by \\S+: \"stop\"; delivered at \\S+; then it awaited Queue.get at \\S+")

            loopTest("in the call graph and the dump of all tasks") {
                val task = swallowing()
                formatCallGraph(task).lines()[2] shouldContain shown
                val out = ByteArrayOutputStream()
                dumpTasks(PrintStream(out))
                out.toString() shouldContain shown
                task.step.giveUpWaiting(ArithmeticException())
                task.markRetrieved()
            }

            test("in the report of a deadlock") {
                val deadlock =
                    shouldThrow<Deadlock> {
                        runTest {
                            swallowing().await()
                        }
                    }
                deadlock.message!! shouldContain shown
            }
        }
    })
