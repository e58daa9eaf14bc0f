// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.netty.channel.Channel
import io.netty.util.concurrent.Future
import java.util.concurrent.Callable
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.HOURS
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

class ShutdownTest :
    FunSpec({
        test("a graceful shutdown waits for the quiet period after the last task, and then accepts none") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()
                val ended = group.shutdownGracefully(2, 15, SECONDS)
                group.isShuttingDown shouldBe true
                group.isShutdown shouldBe false
                sleep(1.seconds)
                var hasRun = false
                group.execute { hasRun = true }
                await(ended)
                hasRun shouldBe true
                loop.time() shouldBe 3.seconds
                group.isShutdown shouldBe true
                group.isTerminated shouldBe true
                shouldThrow<RejectedExecutionException> { group.execute {} }.message shouldContain "has ended"
                shouldThrow<RejectedExecutionException> { group.schedule({}, 1, SECONDS) }
            }
        }

        test("tasks without end do not keep it from ending in time") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()

                fun again() {
                    loop.callLater(1.seconds) { if (!group.isShutdown) group.execute { again() } }
                }
                again()
                await(group.shutdownGracefully(2, 5, SECONDS))
                loop.time() shouldBe 5.seconds
            }
        }

        test("a shutdown without a quiet period runs the tasks that there are") {
            runTest {
                val group = eventLoopGroup()
                val events = ArrayList<Int>()
                group.execute {
                    events += 1
                    group.execute { events += 2 }
                }
                await(group.shutdownGracefully(0, 0, SECONDS))
                events shouldContainExactly listOf(1, 2)
                getRunningLoop().time() shouldBe Duration.ZERO
            }
        }

        test("it closes the channels, without a report, and cancels the timers; the loop goes on with another group") {
            onLoop {
                val reports = recordReports()
                val group = eventLoopGroup()
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                val timer = group.schedule({}, 1, HOURS)
                await(group.shutdownGracefully(0, 1, SECONDS))
                listOf(server, channel).filter { it.isOpen }.shouldBeEmpty()
                recorder shouldContainExactly listOf("registered", "active", "inactive", "unregistered")
                timer.isCancelled shouldBe true
                reports.shouldBeEmpty()
                eventLoopGroup() shouldNotBe group
                await(eventLoopGroup().submit(Callable { 1 })) shouldBe 1
            }
        }

        test("another thread may shut it down, and wait for the end") {
            onLoop {
                val group = eventLoopGroup()
                val server = serve { listOf(Echo()) }
                toThread { group.shutdownGracefully(0, 1, SECONDS).sync().isSuccess } shouldBe true
                toThread { group.awaitTermination(1, SECONDS) } shouldBe true
                server.isOpen shouldBe false
                group.shutdownGracefully(0, 1, SECONDS).isDone shouldBe true
            }
        }

        test("a group that is shut down while the loop does not run ends when the loop runs") {
            val loop = EventLoop()
            val group = loop.eventLoopGroup()
            val ended = group.shutdownGracefully(0, 0, SECONDS)
            ended.isDone shouldBe false
            loop.runUntilComplete { await(ended) }
            group.isTerminated shouldBe true
            loop.close()
        }

        test("channels that are open when the loop closes are closed, in order, and reported") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            val recorder = Recorder()
            lateinit var channels: List<Channel>
            loop.runUntilComplete {
                val server = serve { listOf(Echo()) }
                channels = listOf(server, connect(server, recorder))
                recorder.context.executor().execute { recorder.context.fireUserEventTriggered("a task that is left") }
            }
            val ended = loop.eventLoopGroup().terminationFuture()
            loop.close()
            ended.isSuccess shouldBe true
            channels.filter { it.isOpen }.shouldBeEmpty()
            recorder shouldContainExactly listOf("registered", "active", "inactive", "unregistered")
            val messages = reports.map { it.message }
            messages.size shouldBe 2 + 1 // The accepted one as well.
            messages.forEach { it shouldContain "was open when its loop closed: close it before" }
            channels.forEach { channel -> channel.closeFuture().isDone shouldBe true }
        }

        test("tasks that are left when the loop closes run, and timers are cancelled") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            val group = loop.eventLoopGroup()
            val events = ArrayList<String>()
            lateinit var timer: Future<*>
            loop.runUntilComplete {
                timer = group.schedule({ events += "timer" }, 1, HOURS)
                loop.callSoon { loop.stop() }
            }
            group.execute {
                events += "task"
                group.execute { events += "its own" }
                error("broken")
            }
            loop.close()
            events shouldContainExactly listOf("task", "its own")
            timer.isCancelled shouldBe true
            reports.single().exception!!.message shouldBe "broken"
            group.isTerminated shouldBe true
            shouldThrow<RejectedExecutionException> { group.execute {} }
            shouldThrow<RejectedExecutionException> { group.next().register(FakeHandle()).sync() }
        }

        test("a task of another thread runs or is refused, whenever the loop closes or the group ends") {
            repeat(20) { round ->
                val loop = EventLoop()
                loop.recordReports()
                val group = loop.eventLoopGroup()
                val accepted = AtomicInteger()
                val run = AtomicInteger()
                val threads =
                    List(2) {
                        thread {
                            try {
                                while (true) {
                                    while (accepted.get() - run.get() > 100 && !group.isShutdown) Thread.yield()
                                    group.execute { run.incrementAndGet() }
                                    accepted.incrementAndGet()
                                }
                            } catch (_: RejectedExecutionException) {
                                // The end.
                            }
                        }
                    }
                loop.runUntilComplete {
                    until { run.get() > 10 }
                    if (round % 2 == 0) await(group.shutdownGracefully(0, 0, SECONDS))
                    if (round % 4 == 0) threads.forEach { thread -> toThread { thread.join() } }
                }
                loop.close()
                threads.forEach { it.join() }
                run.get() shouldBe accepted.get()
            }
        }

        test("a wait that is left when the loop closes is left in peace") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            lateinit var closed: Future<*>
            loop.runUntilComplete {
                val server = serve { listOf(Echo()) }
                closed = server.closeFuture()
                createTask { await(closed) }
                sleep(Duration.ZERO)
            }
            loop.close()
            closed.isSuccess shouldBe true
            reports.map { it.message }.filter { "was open" in it }.size shouldBe 1
        }

        test("a task that waits for a future when the loop is shut down is cancelled, and with it what it waits for") {
            runTest {
                val timer = eventLoopGroup().schedule({}, 1, HOURS)
                val waiting = createTask { await(timer) }
                sleep(1.seconds)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                timer.isCancelled shouldBe true
            }
        }
    })
