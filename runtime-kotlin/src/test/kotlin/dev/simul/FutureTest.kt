// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.InvalidStateException
import dev.simul.exceptions.StopIteration
import dev.simul.loop.getRunningLoop
import dev.simul.loop.setEventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowExactly
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException

class FutureTest :
    FunSpec({
        test("whether it is done is not a question of its result's equals") {
            class Equal {
                override fun equals(other: Any?) = true

                override fun hashCode() = 0
            }

            class Incomparable {
                override fun equals(other: Any?) = error("compared with $other")

                override fun hashCode() = 0
            }

            for (result in listOf(Equal(), Incomparable())) {
                resultOfTest {
                    val future = Future<Any>()
                    future.setResult(result)
                    future.exception().shouldBeNull()
                    future.result() shouldBeSameInstanceAs result
                    future.await() shouldBeSameInstanceAs result
                    future.toString() shouldStartWith "<Future finished result="
                    result
                } shouldBeSameInstanceAs result
            }
        }

        context("the loop of a future") {
            test("without any loop it cannot be made") {
                shouldRefuse("no current event loop") { Future<Int>() }
            }

            test("it is the running one") {
                withLoop { loop -> loop.runUntilComplete { Future<Int>().loop } shouldBeSameInstanceAs loop }
            }

            test("it is the current one of the thread if none is running") {
                withLoop { loop ->
                    setEventLoop(loop)
                    try {
                        Future<Int>().loop shouldBeSameInstanceAs loop
                    } finally {
                        setEventLoop(null)
                    }
                }
            }

            test("it is the given one, and the one that makes it") {
                withLoop { loop ->
                    Future<Int>(loop).loop shouldBeSameInstanceAs loop
                    loop.createFuture<Int>().loop shouldBeSameInstanceAs loop
                }
            }
        }

        context("states") {
            test("a new one is neither done nor cancelled, and has nothing to read") {
                withLoop { loop ->
                    val future = loop.createFuture<Int>()
                    future.done() shouldBe false
                    future.cancelled() shouldBe false
                    shouldThrow<InvalidStateException> { future.result() }
                    shouldThrow<InvalidStateException> { future.exception() }
                }
            }

            test("one with a result stays as it is") {
                withLoop { loop ->
                    val future = loop.createFuture<Int>()
                    future.setResult(42)
                    future.done() shouldBe true
                    future.cancelled() shouldBe false
                    future.result() shouldBe 42
                    future.exception() shouldBe null
                    shouldThrow<InvalidStateException> { future.setResult(43) }
                    shouldThrow<InvalidStateException> { future.setException(IOException()) }
                    future.cancel() shouldBe false
                    future.result() shouldBe 42
                }
            }

            test("null is a result like any other") {
                withLoop { loop ->
                    val future = loop.createFuture<Int?>()
                    future.setResult(null)
                    future.done() shouldBe true
                    future.result() shouldBe null
                }
            }

            test("one that failed stays as it is, and always throws the same instance") {
                withLoop { loop ->
                    val thrown = IOException("broken")
                    val future = loop.createFuture<Int>()
                    future.setException(thrown)
                    future.done() shouldBe true
                    future.cancelled() shouldBe false
                    repeat(2) { shouldThrow<IOException> { future.result() } shouldBeSameInstanceAs thrown }
                    future.exception() shouldBeSameInstanceAs thrown
                    shouldThrow<InvalidStateException> { future.setResult(1) }
                    shouldThrow<InvalidStateException> { future.setException(IOException()) }
                    future.cancel() shouldBe false
                    future.exception() shouldBeSameInstanceAs thrown
                }
            }

            test("one that was cancelled stays so, and throws a cancellation at every reader") {
                withLoop { loop ->
                    val future = loop.createFuture<Int>()
                    future.cancel() shouldBe true
                    future.done() shouldBe true
                    future.cancelled() shouldBe true
                    shouldThrowExactly<CancelledException> { future.result() }
                    shouldThrowExactly<CancelledException> { future.exception() }
                    shouldThrow<InvalidStateException> { future.setResult(1) }
                    shouldThrow<InvalidStateException> { future.setException(IOException()) }
                    future.cancel() shouldBe false
                    future.cancelled() shouldBe true
                }
            }

            test("a failure that is a CancelledException is no cancellation") {
                withLoop { loop ->
                    val thrown = CancelledException("as a failure")
                    val future = loop.createFuture<Int>()
                    future.setException(thrown)
                    future.cancelled() shouldBe false
                    future.exception() shouldBeSameInstanceAs thrown
                }
            }

            test("the message of the cancellation is in every exception") {
                withLoop { loop ->
                    val future = loop.createFuture<Int>()
                    future.cancel("enough")
                    shouldThrow<CancelledException> { future.result() }.message shouldBe "enough"
                    shouldThrow<CancelledException> { future.exception() }.message shouldBe "enough"
                    shouldThrow<CancelledException> { loop.runUntilComplete(future) }.message shouldBe "enough"
                }
            }

            test("a StopIteration cannot be thrown by an await, so it is wrapped") {
                withLoop { loop ->
                    val stop = StopIteration(7)
                    val future = loop.createFuture<Int>()
                    future.setException(stop)
                    val wrapped = shouldThrow<IllegalStateException> { future.result() }
                    wrapped.message shouldContain "StopIteration interacts badly"
                    wrapped.cause shouldBeSameInstanceAs stop
                    future.exception() shouldBeSameInstanceAs wrapped
                }
            }

            loopTest("a waiter that was cancelled meanwhile is left alone by what completes it") {
                val events = mutableListOf<String>()
                val sleeper =
                    createTask {
                        try {
                            sleep(TICK)
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            sleep(TICK * 2) // over the time of the first timer
                            events += "slept on"
                        }
                    }
                turns()
                getRunningLoop().callLater(TICK) { events += "timer" }
                sleeper.cancel()
                sleeper.await()
                events shouldContainExactly listOf("cancelled", "timer", "slept on")
            }
        }

        context("awaiting") {
            loopTest("gives the result, and a second time at once") {
                val future = getRunningLoop().createFuture<Int>()
                turnsOf {
                    getRunningLoop().callSoon { future.setResult(42) }
                    future.await() shouldBe 42
                } shouldBe 2
                turnsOf { future.await() shouldBe 42 } shouldBe 0
            }

            loopTest("throws the failure, always the same and not longer each time") {
                val thrown = IOException("broken")
                val task = createTask<Int> { throw thrown }
                shouldThrow<IOException> { task.await() } shouldBeSameInstanceAs thrown
                val depth = thrown.stackTrace.size
                repeat(5) {
                    shouldThrow<IOException> { task.await() } shouldBeSameInstanceAs thrown
                    thrown.stackTrace.size shouldBe depth
                }
                thrown.suppressed.size shouldBe 0
            }

            loopTest("several tasks may wait for one future, and go on in the order they came") {
                val future = getRunningLoop().createFuture<String>()
                val events = mutableListOf<String>()
                val waiting = List(3) { n -> createTask { events += "$n ${future.await()}" } }
                turns()
                future.setResult("go")
                events.shouldBeEmpty()
                waiting.forEach { it.await() }
                events shouldContainExactly listOf("0 go", "1 go", "2 go")
            }

            loopTest("cancelling one of the waiting tasks cancels the future under the others") {
                val future = getRunningLoop().createFuture<Unit>()
                val (one, other) = List(2) { createTask { future.await() } }
                turns()
                one.cancel()
                future.cancelled() shouldBe true
                turns()
                one.cancelled() shouldBe true
                other.cancelled() shouldBe true
            }
        }

        context("callbacks") {
            loopTest("they are called once each, in the order of adding, with the future, in a turn of their own") {
                val future = getRunningLoop().createFuture<String>()
                val events = mutableListOf<String>()
                future.addDoneCallback { events += "first ${it.result()}" }
                future.addDoneCallback { events += "second ${it === future}" }
                future.setResult("foo")
                events.shouldBeEmpty()
                turns(3)
                events shouldContainExactly listOf("first foo", "second true")
            }

            loopTest("they are called for a failure and for a cancellation as well") {
                val events = mutableListOf<String>()
                val failing = getRunningLoop().createFuture<Unit>()
                failing.addDoneCallback { events += "failed ${it.exception()?.message}" }
                val cancelled = getRunningLoop().createFuture<Unit>()
                cancelled.addDoneCallback { events += "cancelled ${it.cancelled()}" }
                failing.setException(IOException("broken"))
                cancelled.cancel()
                turns()
                events shouldContainExactly listOf("failed broken", "cancelled true")
            }

            loopTest("one that is added to a done future is called in the next turn") {
                val future = getRunningLoop().createFuture<Int>()
                future.setResult(1)
                val events = mutableListOf<String>()
                future.addDoneCallback { events += "called" }
                events += "added"
                turns()
                events shouldContainExactly listOf("added", "called")
            }

            for (removed in listOf(setOf(0), setOf(0, 1), setOf(2))) {
                loopTest("those that were removed are not called: $removed") {
                    val future = getRunningLoop().createFuture<String>()
                    val events = mutableListOf<Int>()
                    val callbacks = List(3) { n -> { _: Future<String> -> events += n } }
                    callbacks.forEach { future.addDoneCallback(callback = it) }
                    for (index in removed) future.removeDoneCallback(callbacks[index]) shouldBe 1
                    for (index in removed) future.removeDoneCallback(callbacks[index]) shouldBe 0
                    future.setResult("foo")
                    turns()
                    events shouldContainExactly listOf(0, 1, 2) - removed
                }
            }

            loopTest("removing takes every entry of that callback, and tells how many") {
                val future = getRunningLoop().createFuture<String>()
                val events = mutableListOf<Int>()
                val one = { _: Future<String> -> events += 1 }
                val two = { _: Future<String> -> events += 2 }
                val three = { _: Future<String> -> events += 3 }
                future.addDoneCallback(callback = one)
                future.addDoneCallback(callback = two)
                future.removeDoneCallback(two) shouldBe 1
                future.removeDoneCallback(three) shouldBe 0
                future.addDoneCallback(callback = two)
                repeat(5) { future.addDoneCallback(callback = one) }
                future.removeDoneCallback(one) shouldBe 6
                future.setResult("foo")
                turns()
                events shouldContainExactly listOf(2)
            }

            loopTest("once it is done the callbacks are under way, and none can be removed or added among them") {
                val future = getRunningLoop().createFuture<Int>()
                val events = mutableListOf<String>()
                val last = { _: Future<Int> -> events += "last" }
                future.addDoneCallback {
                    events += "removed ${it.removeDoneCallback(last)}"
                    it.addDoneCallback { events += "added" }
                }
                future.addDoneCallback(callback = last)
                future.addDoneCallback(callback = last)
                future.setResult(1)
                turns(2)
                events shouldContainExactly listOf("removed 0", "last", "last", "added")
            }

            loopTest("a callback whose equals removes others while one is looked for does no harm") {
                val future = getRunningLoop().createFuture<Int>()
                val events = mutableListOf<String>()
                val plain = { _: Future<Int> -> events += "plain" }

                class Meddling : (Future<Int>) -> Unit {
                    private var asked = false

                    override fun invoke(future: Future<Int>) {
                        events += "meddling"
                    }

                    override fun equals(other: Any?): Boolean {
                        if (!asked) {
                            asked = true
                            future.removeDoneCallback(plain)
                        }
                        return false
                    }

                    override fun hashCode(): Int = 0
                }
                future.addDoneCallback(callback = Meddling())
                repeat(10) { future.addDoneCallback(callback = plain) }
                future.removeDoneCallback { }
                future.setResult(1)
                turns()
                events shouldContainExactly listOf("meddling")
            }

            test("one that throws is reported, and the others are called") {
                val thrown = IOException("broken")
                val events = mutableListOf<String>()
                val reports =
                    reportsOf {
                        val future = getRunningLoop().createFuture<Int>()
                        future.addDoneCallback { throw thrown }
                        future.addDoneCallback { events += "called" }
                        future.setResult(1)
                        turns()
                    }
                events shouldContainExactly listOf("called")
                reports.single().exception shouldBeSameInstanceAs thrown
            }

            loopTest("they see the context variables as they were at the adding, or those of the given context") {
                val variable = ContextVar("variable", "default")
                val future = getRunningLoop().createFuture<Int>()
                val events = mutableListOf<String>()
                val given = copyContext()
                given.run { variable.set("given") }
                variable.set("early")
                future.addDoneCallback { events += variable.get() }
                future.addDoneCallback(given) { events += variable.get() }
                variable.set("late")
                future.setResult(1)
                turns()
                events shouldContainExactly listOf("early", "given")
            }

            test("on a closed loop a future without callbacks can be completed, one with callbacks refuses") {
                lateinit var bare: Future<Int>
                lateinit var watched: Future<Int>
                withLoop { loop ->
                    bare = loop.createFuture()
                    watched = loop.createFuture()
                    watched.addDoneCallback { }
                }
                bare.setResult(1)
                bare.result() shouldBe 1
                shouldRefuse("closed") { watched.setResult(1) }
            }
        }

        context("text") {
            test("it tells the state and the outcome") {
                withLoop { loop ->
                    val future = loop.createFuture<Int>()
                    future.toString() shouldBe "<Future pending>"
                    future.setResult(4)
                    future.toString() shouldBe "<Future finished result=4>"
                    val failed = loop.createFuture<Int>()
                    failed.setException(IllegalStateException("broken"))
                    failed.toString() shouldBe "<Future finished exception=java.lang.IllegalStateException: broken>"
                    failed.exception().shouldBeInstanceOf<IllegalStateException>()
                    val cancelled = loop.createFuture<Int>()
                    cancelled.cancel()
                    cancelled.toString() shouldBe "<Future cancelled>"
                }
            }

            loopTest("a result that holds the task itself does not go round for ever") {
                val task = createTask { allTasks() }
                waitFor(task, TICK * 10)
                task.toString() shouldContain "..."
            }

            loopTest("futures that are each other's results do not go round for ever") {
                val one = Future<Any>()
                val other = Future<Any>()
                one.setResult(listOf(other))
                other.setResult(listOf(one))
                one.toString() shouldBe
                    "<Future finished result=[<Future finished result=[<Future finished result=...>]>]>"
            }
        }
    })
