// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class EventLoopDispatcherTest :
    FunSpec({
        val events = CopyOnWriteArrayList<String>()
        beforeTest { events.clear() }

        test("its coroutines run in the loop, without a task") {
            runTest {
                val loop = getRunningLoop()
                val job =
                    CoroutineScope(loop.dispatcher).launch {
                        getRunningLoop() shouldBeSameInstanceAs loop
                        currentTask() shouldBe null
                        events += "coroutine"
                    }
                events += "launched"
                job.join()
            }
            events shouldContainExactly listOf("launched", "coroutine")
        }

        test("each resumption is a turn, in the order of everything else") {
            runTest {
                val loop = getRunningLoop()
                val job =
                    CoroutineScope(loop.dispatcher).launch {
                        repeat(3) {
                            events += "coroutine $it"
                            yield()
                        }
                    }
                repeat(3) {
                    events += "task $it"
                    sleep(Duration.ZERO)
                }
                job.join()
            }
            events shouldContainExactly listOf("task 0", "coroutine 0", "task 1", "coroutine 1", "task 2", "coroutine 2")
        }

        loopTest("delay and withTimeout go by the loop's clock") {
            val scope = CoroutineScope(getRunningLoop().dispatcher)
            val late =
                scope.async {
                    delay(1.hours)
                    getRunningLoop().time()
                }
            val timedOut = scope.async { withTimeoutOrNull(2.seconds) { delay(1.hours) } }
            timedOut.await() shouldBe null
            getRunningLoop().time() shouldBe 2.seconds
            late.await() shouldBe 1.hours
        }

        loopTest("a delay that is cancelled leaves no timer behind") {
            val job = CoroutineScope(getRunningLoop().dispatcher).launch { delay(1.hours) }
            sleep(1.seconds)
            job.cancel()
            job.join()
            sleep(Duration.ZERO)
            getRunningLoop().time() shouldBe 1.seconds
            getRunningLoop().toString() shouldBe "<EventLoop running=true closed=false debug=false ready=0 timers=0>"
        }

        loopTest("awaits our futures, and cancelling its coroutine cancels them") {
            val loop = getRunningLoop()
            val scope = CoroutineScope(loop.dispatcher)
            val task = createTask { sleep(1.seconds, "value") }
            scope.async { task.await() }.await() shouldBe "value"
            val future = loop.createFuture<Unit>()
            val job = scope.launch { future.await() }
            sleep(Duration.ZERO)
            job.cancel()
            job.join()
            future.cancelled() shouldBe true
        }

        loopTest("its coroutines may sleep, and make tasks") {
            val scope = CoroutineScope(getRunningLoop().dispatcher)
            scope
                .async {
                    sleep(1.seconds)
                    sleep(Duration.ZERO)
                    createTask { "task of a coroutine" }.await()
                }.await() shouldBe "task of a coroutine"
        }

        test("what its coroutines set in context variables does not reach the task that started them") {
            val variable = ContextVar("variable", "default")
            runTest {
                variable.set("task's")
                val scope = CoroutineScope(getRunningLoop().dispatcher)
                scope.async { variable.set("coroutine's") }.await()
                variable.get() shouldBe "task's"
            }
        }

        test("a coroutine of another thread visits the loop by withContext") {
            runLoop {
                val loop = getRunningLoop()
                val loopThread = Thread.currentThread()
                toThread {
                    runBlocking {
                        val visitor = Thread.currentThread()
                        withContext(loop.dispatcher) {
                            Thread.currentThread() shouldBeSameInstanceAs loopThread
                            delay(1)
                            createTask { "made there" }.await()
                        } shouldBe "made there"
                        Thread.currentThread() shouldBeSameInstanceAs visitor
                    }
                }
            }
        }

        test("many coroutines of other threads visit the loop at once") {
            runLoop {
                val loop = getRunningLoop()
                var count = 0
                val visitors =
                    List(4) {
                        coroutine {
                            toThread { runBlocking { repeat(500) { withContext(loop.dispatcher) { count++ } } } }
                        }
                    }
                gather(visitors).await()
                count shouldBe 2000
            }
        }

        loopTest("a failing coroutine does not stop the loop") {
            val scope = CoroutineScope(getRunningLoop().dispatcher + SupervisorJob())
            val failing = scope.async { throw ArithmeticException("spam") }
            shouldThrow<ArithmeticException> { failing.await() }.message shouldBe "spam"
            sleep(1.seconds)
        }

        test("what waits when the loop closes, for its turn or for a time, is cancelled") {
            val loop = EventLoop()
            val scope = CoroutineScope(loop.dispatcher + SupervisorJob())
            val asleep = scope.launch { delay(10.hours) }
            loop.stop()
            loop.runForever()
            val waiting = scope.launch { events += "never" }
            loop.close()
            runBlocking { joinAll(asleep, waiting) }
            (asleep.isCancelled && waiting.isCancelled) shouldBe true
            events.shouldBeEmpty()
        }

        test("what is started after the loop has closed is cancelled") {
            val loop = VirtualClock().newLoop()
            val dispatcher = loop.dispatcher
            loop.close()
            runBlocking {
                withTimeout(60.seconds) {
                    val jobs = List(3) { CoroutineScope(dispatcher).launch { events += "never" } }
                    jobs.joinAll()
                    jobs.map { it.isCancelled } shouldContainExactly listOf(true, true, true)
                    shouldThrow<CancellationException> { withContext(dispatcher) { events += "never" } }
                }
            }
            events.shouldBeEmpty()
        }

        test("the dispatcher of a loop is always the same") {
            val loop = EventLoop()
            loop.dispatcher shouldBeSameInstanceAs loop.dispatcher
            loop.close()
        }
    })
