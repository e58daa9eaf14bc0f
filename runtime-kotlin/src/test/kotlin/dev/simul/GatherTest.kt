// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.loop.newEventLoop
import dev.simul.loop.setEventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.time.Duration.Companion.hours

/** Futures of the running loop. */
private fun futures(count: Int) = List(count) { Future<Int>() }

/** The futures themselves, and coroutines that await them. */
private val forms =
    listOf<Pair<String, (List<Future<Int>>) -> List<Awaitable<Int>>>>(
        "futures" to { it },
        "coroutines" to { futures -> futures.map { coroutine { it.await() } } },
    )

class GatherTest :
    FunSpec({
        for ((form, wrap) in forms) {
            context("of $form") {
                loopTest("the results come in the order of the arguments, when all are there; callbacks are called once") {
                    val (a, b, c) = futures(3)
                    val gathered = gather(wrap(listOf(a, b, c)))
                    val called = mutableListOf<Future<List<Int>>>()
                    gathered.addDoneCallback { called += it }
                    b.setResult(1)
                    a.setResult(2)
                    turns(4)
                    called.shouldBeEmpty()
                    gathered.done() shouldBe false
                    c.setResult(3)
                    turns(4)
                    called shouldContainExactly listOf(gathered)
                    gathered.result() shouldContainExactly listOf(2, 1, 3)
                }

                test("the first failure fails it at once; what the others do later is no matter") {
                    reportsOf {
                        val (a, b, c, d, e) = futures(5)
                        val gathered = gather(wrap(listOf(a, b, c, d, e)))
                        val called = mutableListOf<Future<List<Int>>>()
                        gathered.addDoneCallback { called += it }
                        val thrown = ArithmeticException()
                        a.setResult(1)
                        b.setException(thrown)
                        turns(4)
                        called shouldContainExactly listOf(gathered)
                        gathered.exception() shouldBeSameInstanceAs thrown
                        c.setResult(3)
                        d.cancel()
                        e.setException(IOException())
                        turns(4)
                        called.size shouldBe 1
                        gathered.exception() shouldBeSameInstanceAs thrown
                    }.shouldBeEmpty()
                }

                loopTest("with failures as results it waits for all") {
                    val (a, b, c, d) = futures(4)
                    val gathered = gatherResults(wrap(listOf(a, b, c, d)))
                    val first = ArithmeticException()
                    val second = IOException()
                    b.setResult(1)
                    c.setException(first)
                    a.setResult(3)
                    turns(4)
                    gathered.done() shouldBe false
                    d.setException(second)
                    turns(4)
                    gathered.result() shouldContainExactly
                        listOf(Result.success(3), Result.success(1), Result.failure(first), Result.failure(second))
                }

                test("the cancellation of one is a failure of the whole, which is not cancelled") {
                    reportsOf {
                        val (a, b, c, d, e) = futures(5)
                        val gathered = gather(wrap(listOf(a, b, c, d, e)))
                        a.setResult(1)
                        b.cancel()
                        turns(4)
                        gathered.done() shouldBe true
                        gathered.cancelled() shouldBe false
                        gathered.exception().shouldBeInstanceOf<CancelledException>()
                        c.setResult(3)
                        d.cancel()
                        e.setException(IOException())
                        turns(4)
                    }.shouldBeEmpty()
                }

                loopTest("with failures as results a cancellation is one, without its message") {
                    val (a, b, c) = futures(3)
                    val gathered = gatherResults(wrap(listOf(a, b, c)))
                    a.setResult(1)
                    b.cancel()
                    turns(4)
                    gathered.done() shouldBe false
                    c.setResult(3)
                    val results = gathered.await()
                    results[0] shouldBe Result.success(1)
                    results[1].exceptionOrNull().shouldBeInstanceOf<CancelledException>().message shouldBe ""
                    results[2] shouldBe Result.success(3)
                }
            }
        }

        context("the loop") {
            test("without one, nothing can be gathered, not even nothing") {
                shouldRefuse("no current event loop") { gather(emptyList<Future<Int>>()) }
                shouldRefuse("no current event loop") { gather({ 1 }, { 2 }) }
            }

            test("of nothing it is the running or the current one, and the result is there at once") {
                withLoop { loop ->
                    val running = loop.runUntilComplete { gather(emptyList<Future<Int>>()) }
                    running.loop shouldBeSameInstanceAs loop
                    running.result().shouldBeEmpty()
                    setEventLoop(loop)
                    try {
                        gather(emptyList<Future<Int>>()).loop shouldBeSameInstanceAs loop
                        val coroutines = gather({ "a" }, { "b" })
                        coroutines.loop shouldBeSameInstanceAs loop
                        loop.runUntilComplete(coroutines) shouldContainExactly listOf("a", "b")
                    } finally {
                        setEventLoop(null)
                    }
                }
            }

            test("of futures it is theirs, whether it runs or not") {
                withLoop { loop ->
                    val children = List(3) { loop.createFuture<Int>() }
                    gather(children).loop shouldBeSameInstanceAs loop
                    gather(children).done() shouldBe false
                }
            }

            test("futures of different loops are refused, and those given before are left in peace") {
                newEventLoop().use { other ->
                    withLoop { loop ->
                        val own = List(2) { loop.createFuture<Int>() }
                        shouldThrow<IllegalArgumentException> { gather(own + other.createFuture<Int>()) }
                        val reports = loop.recordReports()
                        loop.runUntilComplete {
                            own[0].setResult(1)
                            turns(2)
                            own[1].setException(IOException())
                            turns(2)
                        }
                        loop.close()
                        reports.shouldBeEmpty()
                    }
                }
            }

            loopTest("a coroutine that cannot run any more is refused, and those given before run on") {
                val events = mutableListOf<String>()
                val used = coroutine { events += "used" }
                used.await()
                val good =
                    List(2) { n ->
                        coroutine {
                            turns(n)
                            events += "ran"
                        }
                    }
                shouldThrow<IllegalStateException> { gather(good + used) }
                turns(5)
                events.toList() shouldContainExactly listOf("used", "ran", "ran")
            }
        }

        loopTest("what is given twice runs once and is reported twice") {
            var runs = 0
            val once =
                coroutine {
                    runs++
                    "abc"
                }
            val gathered = gather(once, once, coroutine { "def" }, once)
            gathered.await() shouldContainExactly listOf("abc", "abc", "def", "abc")
            runs shouldBe 1
            val future = Future<String>()
            val twice = gather(future, future)
            future.setResult("x")
            twice.await() shouldContainExactly listOf("x", "x")
        }

        context("cancelling it") {
            for ((results, expected) in listOf(
                true to listOf("stubborn ended", "gather ended"),
                false to listOf("gather ended", "stubborn ended"),
            )) {
                val end = if (results) "all have ended, as failures are results" else "the first has ended"
                loopTest("cancels every child that is not done, and fails with a CancelledException when $end") {
                    val events = mutableListOf<String>()
                    val waiter = Future<Unit>()
                    val stubborn =
                        createTask {
                            try {
                                sleep(1.hours)
                            } finally {
                                turns(5)
                                events += "stubborn ended"
                            }
                        }
                    val waiting = createTask { waiter.await() }
                    val gathered = if (results) gatherResults(stubborn, waiting) else gather(stubborn, waiting)
                    turns()
                    gathered.cancel() shouldBe true
                    waiter.cancelled() shouldBe true
                    gathered.done() shouldBe false
                    gathered.addDoneCallback { events += "gather ended" }
                    shouldThrow<CancelledException> { gathered.await() }
                    gathered.cancelled() shouldBe false
                    gathered.exception().shouldBeInstanceOf<CancelledException>()
                    turns(7)
                    waiting.cancelled() shouldBe true
                    stubborn.cancelled() shouldBe true
                    events shouldContainExactly expected
                }
            }

            loopTest("is what cancelling the task that awaits it does") {
                val waiter = Future<Unit>()
                val events = mutableListOf<String>()
                val children =
                    List(2) {
                        createTask {
                            waiter.await()
                            events += "child went on"
                        }
                    }
                val gathered = gather(children)
                val outer =
                    createTask {
                        gathered.await()
                        events += "outer went on"
                    }
                turns()
                outer.cancel() shouldBe true
                shouldThrow<CancelledException> { outer.await() }
                gathered.cancel() shouldBe false
                waiter.cancelled() shouldBe true
                children.forEach { it.cancelled() shouldBe true }
                events.shouldBeEmpty()
            }

            loopTest("is refused once all children are done, though it is not done itself") {
                val future = Future<Int>()
                val gathered = gather({ future.await() })
                turns()
                var cancelled: Boolean? = null
                future.addDoneCallback { cancelled = gathered.cancel() }
                future.setResult(42)
                gathered.await() shouldContainExactly listOf(42)
                cancelled shouldBe false
                gathered.cancelled() shouldBe false
            }

            test("does nothing after a failure: the siblings keep running, and what they throw is dropped") {
                val events = mutableListOf<String>()
                reportsOf {
                    val failing = createTask<Unit> { throw IOException("first") }
                    val sibling =
                        createTask<Unit> {
                            turns(5)
                            events += "sibling ran on"
                            throw IOException("second")
                        }
                    val gathered = gather(failing, sibling)
                    shouldThrow<IOException> { gathered.await() }.message shouldBe "first"
                    gathered.cancel() shouldBe false
                    sibling.cancelling() shouldBe 0
                    turns(7)
                    sibling.done() shouldBe true
                }.shouldBeEmpty()
                events shouldContainExactly listOf("sibling ran on")
            }

            for (message in listOf(null, "my message")) {
                loopTest("comes through where failures are results, with its message: $message") {
                    val looping =
                        createTask {
                            while (true) gatherResults({ sleep(TICK) }).await()
                        }
                    sleep(TICK * 4)
                    looping.cancel(message)
                    shouldThrow<CancelledException> { looping.await() }.message shouldBe message
                }
            }

            loopTest("that the last child refuses still ends it as cancelled") {
                val refusing =
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (_: CancelledException) {
                            // refused
                        }
                    }
                val gathered = gatherResults(refusing)
                turns()
                gathered.cancel()
                shouldThrow<CancelledException> { gathered.await() }
                refusing.cancelled() shouldBe false
            }
        }

        test("failures of several children: the first is thrown, the others are dropped") {
            lateinit var outer: Task<*>
            reportsOf {
                val (a, b) = List(2) { Future<Unit>() }

                suspend fun failAfter(future: Future<Unit>) {
                    future.await()
                    throw IOException("should not be ignored")
                }
                outer = createTask { gather({ failAfter(a) }, { failAfter(b) }).await() }
                turns()
                a.setResult(Unit)
                turns()
                b.setResult(Unit)
                turns(4)
                outer.exception().shouldBeInstanceOf<IOException>()
            }.shouldBeEmpty()
        }

        loopTest("of eager tasks that all end at once is done when gather returns") {
            getRunningLoop().taskFactory = EagerTaskFactory
            val gathered = gather({ 1 }, { 2 })
            gathered.done() shouldBe true
            gathered.result() shouldContainExactly listOf(1, 2)
            val failed = gather({ 1 }, { throw IOException("broken") })
            failed.exception()!!.message shouldBe "broken"
        }

        loopTest("a deadlock's report names what it waits for") {
            val future = Future<Int>()
            val gathered = gather(future, Future())
            val waiting = createTask { gathered.await() }
            turns()
            waiting.toString() shouldContain "gather of <Future pending>, <Future pending>"
            waiting.cancel()
        }

        loopTest("gatherDone collects from the futures when all are done, and throws nothing") {
            val (a, b, c) = futures(3)
            val gathered = gatherDone(listOf(a, b, c)) { it }
            a.setException(IOException())
            b.cancel()
            turns(4)
            gathered.done() shouldBe false
            c.setResult(1)
            gathered.await() shouldContainExactly listOf(a, b, c)
        }
    })
