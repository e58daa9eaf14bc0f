// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.ExceptionGroup
import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.addCloseCallback
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicBoolean

/** A failed future of [loop] that nobody holds any more. */
private fun dropFailed(
    loop: EventLoop,
    read: (Future<Unit>) -> Unit = {},
): WeakReference<Future<Unit>> {
    val future = loop.createFuture<Unit>()
    future.setException(IOException("boom"))
    read(future)
    return WeakReference(future)
}

/** Returns when [dropped] was collected and the thread that watches collected futures has dealt with it. */
private fun awaitCollection(dropped: WeakReference<*>) =
    resultOfTest {
        collectGarbageUntil { dropped.get() == null } shouldBe true
        val dealtWith = AtomicBoolean()
        Collected.then(Any()) { dealtWith.set(true) } // behind the future, in the same thread
        collectGarbageUntil { dealtWith.get() } shouldBe true
    }

class UnretrievedExceptionTest :
    FunSpec({
        context("at the loop's close") {
            test("a failure that nobody read is reported once, with the future and the exception") {
                val thrown = IOException("boom")
                lateinit var kept: Future<Unit>
                val reports =
                    reportsOf {
                        kept = Future()
                        kept.setException(thrown)
                        turns(3)
                    }
                val report = reports.single()
                report.message shouldBe "Future exception was never retrieved"
                report.exception shouldBeSameInstanceAs thrown
                kept.done() shouldBe true
            }

            test("a task's report names the task") {
                val reports = reportsOf { createTask<Unit>(name = "failing") { throw IOException("boom") } }
                val report = reports.single()
                report.message shouldBe "Task exception was never retrieved"
                report["task"] shouldBe "failing"
            }

            test("it tells in debug mode where the future was made") {
                runTest(debug = true) {
                    getRunningLoop().exceptionHandler =
                        ExceptionHandler { _, report ->
                            val files = report.origin!!.stackTrace.map { it.fileName }
                            files shouldContain "UnretrievedExceptionTest.kt"
                        }
                    Future<Unit>().setException(IOException("boom"))
                }
            }

            test("several are reported in the order they happened") {
                val reports =
                    reportsOf {
                        repeat(3) { n -> Future<Unit>().setException(IOException("boom $n")) }
                    }
                reports.map { it.exception!!.message } shouldContainExactly listOf("boom 0", "boom 1", "boom 2")
            }

            test("it comes with the context variables of the task") {
                val variable = ContextVar("variable", "default")
                val seen = mutableListOf<String>()
                runTest {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, _ -> seen += variable.get() }
                    createTask<Unit> {
                        variable.set("of the task")
                        throw IOException("boom")
                    }
                    turns()
                }
                seen shouldContainExactly listOf("of the task")
            }
        }

        context("what silences the report") {
            test("exception(), result() and cancel() of the failed future") {
                for (read in listOf<(Future<Unit>) -> Unit>(
                    { it.exception() },
                    { shouldThrow<IOException> { it.result() } },
                    { it.cancel() },
                )) {
                    reportsOf {
                        val future = Future<Unit>()
                        future.setException(IOException("boom"))
                        read(future)
                    }.shouldBeEmpty()
                }
            }

            test("cancel() of a failed task") {
                reportsOf {
                    val task = createTask<Unit> { throw IOException("boom") }
                    turns()
                    task.cancel() shouldBe false
                }.shouldBeEmpty()
            }

            test("awaiting it, and waiting for it with gather, shield, wait's FIRST_EXCEPTION and a task group") {
                reportsOf {
                    suspend fun fail(): Unit = throw IOException("boom")
                    shouldThrow<IOException> { createTask { fail() }.await() }
                    shouldThrow<IOException> { gather({ fail() }, { fail() }).await() }
                    shouldThrow<IOException> { shield { fail() }.await() }
                    val failing = createTask { fail() }
                    wait(listOf(failing, createTask { sleep(TICK) }), returnWhen = ReturnWhen.FIRST_EXCEPTION)
                    shouldThrow<ExceptionGroup> { taskGroup { it.createTask { fail() } } }
                    turns(3)
                }.shouldBeEmpty()
            }

            test("that there is no failure: a result, a cancellation, or nothing yet") {
                reportsOf {
                    Future<Int>().setResult(42)
                    Future<Int>().cancel()
                    Future<Int>()
                    createTask { 1 }
                    createTask { 1 }.cancel()
                    turns(3)
                }.shouldBeEmpty()
            }
        }

        context("at the collection of the future") {
            test("it is reported while the loop runs, and not again at the close") {
                lateinit var all: List<Any>
                runTest {
                    val reports = getRunningLoop().recordReports()
                    all = reports
                    dropFailed(getRunningLoop())
                    collectGarbageUntil { reports.isNotEmpty() } shouldBe true
                    reports.single().message shouldContain "never retrieved"
                    reports.single().exception!!.message shouldBe "boom"
                }
                all.size shouldBe 1
            }

            test("a task is reported so as well") {
                val reports =
                    reportsOf {
                        val reports = getRunningLoop().recordReports()
                        createTask<Unit>(name = "failing") { throw IOException("boom") }
                        collectGarbageUntil { reports.isNotEmpty() } shouldBe true
                        reports.single()["task"] shouldBe "failing"
                    }
                reports.shouldBeEmpty()
            }

            test("one that was read or cancelled is not reported") {
                reportsOf {
                    val read = dropFailed(getRunningLoop()) { it.exception() }
                    val cancelled = dropFailed(getRunningLoop()) { it.cancel() }
                    collectGarbageUntil { read.get() == null && cancelled.get() == null } shouldBe true
                    turns(3)
                }.shouldBeEmpty()
            }

            test("one that is collected while the loop does not run is reported at the close at the latest") {
                val loop = VirtualClock().newLoop()
                val reports = loop.recordReports()
                val dropped = dropFailed(loop)
                awaitCollection(dropped)
                loop.close()
                reports.map { it.exception!!.message } shouldContainExactly listOf("boom")
            }

            test("one that is collected while the loop closes is reported by the close, not behind it by the cleaner's thread") {
                val loop = VirtualClock().newLoop()
                val threads = mutableListOf<Thread>()
                loop.exceptionHandler = ExceptionHandler { _, _ -> threads += Thread.currentThread() }
                val dropped = dropFailed(loop)
                loop.addCloseCallback { awaitCollection(dropped) }
                loop.close()
                threads shouldContainExactly listOf(Thread.currentThread())
            }

            test("one that fails after the close is reported when it is collected") {
                val loop = VirtualClock().newLoop()
                val reports = loop.recordReports()
                loop.close()
                awaitCollection(dropFailed(loop))
                reports.map { it.exception!!.message } shouldContainExactly listOf("boom")
            }
        }
    })
