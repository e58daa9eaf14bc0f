// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.context.ContextVar
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.sleep
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.runTest
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.netty.channel.nio.NioIoHandle
import io.netty.channel.nio.NioIoHandler
import io.netty.util.concurrent.BlockingOperationException
import java.util.concurrent.Callable
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.HOURS
import java.util.concurrent.TimeUnit.NANOSECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What Netty's own tests ask of an event loop, and what it must be as a loop of Simul's. */
class TasksTest :
    FunSpec({
        test("a loop has one group, which is its event loop") {
            runTest {
                val group = eventLoopGroup()
                getRunningLoop().eventLoopGroup() shouldBeSameInstanceAs group
                group.next() shouldBeSameInstanceAs group
                group.next().parent() shouldBeSameInstanceAs group
                group.toList() shouldContainExactly listOf(group)
                group.isCompatible(NioIoHandle::class.java) shouldBe true
                group.isIoType(NioIoHandler::class.java) shouldBe true
            }
        }

        test("a group belongs to a loop") {
            shouldThrow<IllegalStateException> { eventLoopGroup() }.message shouldContain "no running event loop"
            val closed = EventLoop().apply { close() }
            shouldThrow<IllegalStateException> { closed.eventLoopGroup() }.message shouldContain "closed"
        }

        test("another thread may ask for a group that there is, but not make one") {
            onLoop {
                val loop = this
                val refused = toThread { runCatching { loop.eventLoopGroup() } }.exceptionOrNull()
                refused!!.message shouldContain "in a task of it first"
                val group = eventLoopGroup()
                toThread { loop.eventLoopGroup() } shouldBeSameInstanceAs group
            }
        }

        test("tasks are callbacks: they run in turns to come, in their order, among the others") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()
                val events = ArrayList<String>()
                group.execute {
                    events += "first"
                    group.execute { events += "of the first" }
                }
                loop.callSoon { events += "callback" }
                group.execute { events += "second" }
                events.shouldBeEmpty()
                sleep(Duration.ZERO)
                events shouldContainExactly listOf("first", "callback", "second")
                sleep(Duration.ZERO)
                events.last() shouldBe "of the first"
            }
        }

        test("tasks of another thread run in its order, in the loop's thread, and wake the loop") {
            onLoop {
                val group = eventLoopGroup()
                val events = ArrayList<Int>()
                val here = Thread.currentThread()
                toThread { repeat(1_000) { group.execute { if (Thread.currentThread() === here) events += it } } }
                until { events.size == 1_000 }
                events shouldContainExactly (0 until 1_000).toList()
                var woken = false
                thread { group.execute { woken = true } }
                until { woken }
            }
        }

        test("a task runs with the context variables of whoever submits it") {
            runTest {
                val name = ContextVar<String>("name")
                val group = eventLoopGroup()
                val seen = ArrayList<String>()
                name.set("mine")
                group.execute { seen += name.get() }
                await(group.submit(Callable { seen.add(name.get()) }))
                seen shouldContainExactly listOf("mine", "mine")
            }
        }

        test("a task's exception is reported by the loop's exception handler, and the others run") {
            runTest {
                val reports = getRunningLoop().recordReports()
                val group = eventLoopGroup()
                var hasRun = false
                group.execute { error("broken") }
                group.execute { hasRun = true }
                sleep(1.seconds)
                hasRun shouldBe true
                reports.single().exception!!.message shouldBe "broken"
                reports.single().message shouldContain "of Netty's event loop"
            }
        }

        test("the outcome of a submitted task is that of its future") {
            runTest {
                val group = eventLoopGroup()
                await(group.submit(Callable { 42 })) shouldBe 42
                shouldThrow<IllegalStateException> { await(group.submit(Callable<Int> { error("broken") })) }.message shouldBe "broken"
            }
        }

        test("only the thread that runs the loop is in it") {
            onLoop {
                val group = eventLoopGroup().next()
                val here = Thread.currentThread()
                group.inEventLoop() shouldBe true
                group.inEventLoop(here) shouldBe true
                toThread { group.inEventLoop() to group.inEventLoop(here) } shouldBe (false to true)
                val other = thread(start = false) {}
                group.inEventLoop(other) shouldBe false
            }
            val loop = EventLoop()
            val group = loop.eventLoopGroup().next()
            group.inEventLoop() shouldBe false
            loop.close()
            group.inEventLoop() shouldBe false
        }

        test("a timer is a timer of the loop, on virtual time as well") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()
                val times = ArrayList<Duration>()
                val later = group.schedule(Callable { loop.time().also(times::add) }, 2, HOURS)
                val sooner = group.schedule({ times += loop.time() }, 1, HOURS)
                later.getDelay(SECONDS) shouldBe 7200
                (sooner < later) shouldBe true
                await(later).inWholeHours shouldBe 2
                times.map { it.inWholeHours } shouldContainExactly listOf(1, 2)
                sooner.isSuccess shouldBe true
                later.getDelay(NANOSECONDS) shouldBe 0
            }
        }

        test("timers of one deadline run in the order in which they were made; a delay that is not positive means soon") {
            runTest {
                val group = eventLoopGroup()
                val events = ArrayList<Int>()
                repeat(10) { number -> group.schedule({ events += number }, 1, SECONDS) }
                group.schedule({ events += -1 }, -5, SECONDS)
                sleep(1.seconds)
                sleep(Duration.ZERO)
                events shouldContainExactly (-1..9).toList()
            }
        }

        test("a rate is kept after a late run, a delay begins at its end") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()
                val rate = ArrayList<Long>()
                val delay = ArrayList<Long>()
                val clock = loop.time()
                val atRate = group.scheduleAtFixedRate({ rate += (loop.time() - clock).inWholeSeconds }, 1, 10, SECONDS)
                val withDelay = group.scheduleWithFixedDelay({ delay += (loop.time() - clock).inWholeSeconds }, 2, 10, SECONDS)
                sleep(35.seconds)
                atRate.cancel(false) shouldBe true
                withDelay.cancel(false) shouldBe true
                sleep(60.seconds)
                rate shouldContainExactly listOf(1, 11, 21, 31)
                delay shouldContainExactly listOf(2, 12, 22, 32)
                atRate.isCancelled shouldBe true
            }
        }

        test("a repeated timer may cancel itself, and ends with the first exception") {
            runTest {
                val group = eventLoopGroup()
                var runs = 0
                lateinit var own: java.util.concurrent.Future<*>
                own = group.scheduleAtFixedRate({ if (++runs == 3) own.cancel(false) }, 1, 1, SECONDS)
                val failing = group.scheduleWithFixedDelay({ error("broken") }, 1, 1, SECONDS)
                sleep(10.seconds)
                runs shouldBe 3
                own.isCancelled shouldBe true
                failing.cause().message shouldBe "broken"
            }
        }

        test("a cancelled timer leaves the loop, whichever thread cancels it") {
            checkCancelSafe(CancelOptions(virtualTime = false)) {
                val timers = List(2) { eventLoopGroup().schedule({}, 1, HOURS) }
                try {
                    sleep(Duration.ZERO)
                } finally {
                    timers[0].cancel(false) shouldBe true
                    thread { timers[1].cancel(false) }.join()
                    timers[1].cancel(false) shouldBe false
                }
                timers.all { it.isCancelled } shouldBe true
            }
        }

        test("another thread may schedule") {
            onLoop {
                val group = eventLoopGroup()
                val here = Thread.currentThread()
                val timer = toThread { group.schedule(Callable { Thread.currentThread() }, 1, NANOSECONDS) }
                await(timer) shouldBeSameInstanceAs here
                val far = toThread { group.schedule({}, Long.MAX_VALUE, SECONDS) }
                sleep(Duration.ZERO)
                far.isDone shouldBe false
                far.cancel(true) shouldBe true
            }
        }

        test("wrong periods are refused") {
            runTest {
                val group = eventLoopGroup()
                shouldThrow<IllegalArgumentException> { group.scheduleAtFixedRate({}, 0, 0, SECONDS) }.message shouldContain "period is 0"
                shouldThrow<IllegalArgumentException> { group.scheduleWithFixedDelay({}, -1, 1, SECONDS) }
                    .message shouldContain "initialDelay is -1"
            }
        }

        test("Netty's ways of blocking are refused on the loop, with the call that waits") {
            runTest {
                val group = eventLoopGroup()
                val timer = group.schedule({}, 1, HOURS)
                for (block in listOf<() -> Any?>({ timer.sync() }, { timer.get() }, { timer.await() }, { timer.awaitUninterruptibly() })) {
                    shouldThrow<BlockingOperationException> { block() }.message shouldContain "call await(future)"
                }
                shouldThrow<BlockingOperationException> { group.next().newPromise<Int>().sync() }.message shouldContain "await(future)"
                shouldThrow<BlockingOperationException> { group.terminationFuture().sync() }.message shouldContain "await(future)"
                shouldThrow<RejectedExecutionException> { group.invokeAll(listOf(Callable { 1 })) }.message shouldContain "submit each task"
                shouldThrow<RejectedExecutionException> { group.invokeAny(listOf(Callable { 1 })) }.message shouldContain "submit each task"
                shouldThrow<RejectedExecutionException> { group.invokeAll(listOf(Callable { 1 }), 1, SECONDS) }
                shouldThrow<RejectedExecutionException> { group.invokeAny(listOf(Callable { 1 }), 1, SECONDS) }
                timer.cancel(false)
            }
        }

        test("in debug mode, Netty's own promises name the call that waits as well") {
            runTest(debug = true) {
                val submitted = eventLoopGroup().submit(Callable { 1 })
                shouldThrow<BlockingOperationException> { submitted.sync() }.message shouldContain "call await(future)"
                await(submitted) shouldBe 1
            }
            runTest(debug = false) {
                val submitted = eventLoopGroup().submit(Callable { 1 })
                shouldThrow<BlockingOperationException> { submitted.sync() }
                await(submitted) shouldBe 1
            }
        }

        test("other threads may block on its futures") {
            onLoop {
                val group = eventLoopGroup()
                toThread { group.schedule(Callable { getRunningLoopOrNull() }, 1, NANOSECONDS).get() } shouldBeSameInstanceAs this
                toThread { group.invokeAll(listOf(Callable { 1 }, Callable { 2 })).map { it.get() } } shouldBe listOf(1, 2)
            }
        }
    })
