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
import io.kotest.matchers.types.shouldBeInstanceOf
import io.netty.channel.Channel
import io.netty.channel.IoEventLoopGroup
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

        test("shutdown() refuses all that is new at once, and what was there runs") {
            onLoop {
                val group = eventLoopGroup().next()
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                val events = ArrayList<Int>()
                repeat(3) { number -> group.execute { events += number } }
                val handle = FakeHandle()
                await(
                    group.submit {
                        group.endAtOnce()
                        group.isShutdown shouldBe true
                        group.isTerminated shouldBe false
                        shouldThrow<RejectedExecutionException> { group.execute { events += -1 } }
                        shouldThrow<RejectedExecutionException> { group.schedule({ events += -1 }, 1, SECONDS) }
                        group.register(handle).cause().shouldBeInstanceOf<RejectedExecutionException>()
                    },
                )
                handle.events.shouldBeEmpty() // It is still its owner's.
                handle.close()
                await(group.terminationFuture())
                events shouldContainExactly listOf(0, 1, 2)
                // The channels hear of their end, although that takes tasks.
                recorder shouldContainExactly listOf("registered", "active", "inactive", "unregistered")
                listOf(server, channel).filter { it.isOpen }.shouldBeEmpty()
            }
        }

        test("shutdown() cuts a graceful shutdown short, and one that nobody runs waits for the loop") {
            runTest {
                val loop = getRunningLoop()
                val group = eventLoopGroup()
                val ended = group.shutdownGracefully(10, 60, SECONDS)
                sleep(1.seconds)
                group.endAtOnce()
                await(ended)
                loop.time() shouldBe 1.seconds
            }
            val loop = EventLoop()
            val group = loop.eventLoopGroup()
            group.endAtOnce()
            shouldThrow<RejectedExecutionException> { group.execute {} }
            group.isTerminated shouldBe false
            loop.runUntilComplete { await(group.terminationFuture()) }
            group.isTerminated shouldBe true
            loop.close()
        }

        test("handles that are registered while others are closed are closed as well, or refused") {
            onLoop {
                val group = eventLoopGroup().next()
                val handles = ArrayList<FakeHandle>()
                val registrations = ArrayList<Future<*>>()

                fun register() {
                    val handle = FakeHandle(whenClosed = { if (handles.size < 8) register() })
                    handles += handle
                    registrations += group.register(handle)
                }
                register()
                await(group.shutdownGracefully(0, 5, SECONDS))
                handles.size shouldBe 8
                registrations.all { it.isSuccess } shouldBe true
                handles.forEach { it.events shouldContainExactly listOf("registered", "unregistered", "closed") }
            }
        }

        test("a handle that cannot be closed is reported, and the others are closed") {
            onLoop {
                val reports = recordReports()
                val group = eventLoopGroup().next()
                val failing = FakeHandle(whenClosed = { error("stays open") })
                val other = FakeHandle()
                await(group.register(failing))
                await(group.register(other))
                await(group.shutdownGracefully(0, 5, SECONDS))
                other.events.last() shouldBe "closed"
                reports.map { it.exception!!.message } shouldContainExactly listOf("stays open")
                group.isTerminated shouldBe true
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

/** What a driver that knows nothing of grace does. */
@Suppress("DEPRECATION")
private fun IoEventLoopGroup.endAtOnce() = shutdown()
