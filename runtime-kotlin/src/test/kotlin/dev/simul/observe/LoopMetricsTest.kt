// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.net.onSockets
import dev.simul.net.port
import dev.simul.net.use
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.timeout
import dev.simul.turns
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class LoopMetricsTest :
    FunSpec({
        loopTest("turns are counted from the loop's beginning") {
            val metrics = getRunningLoop().metrics
            val before = metrics.turns
            turns(5)
            metrics.turns shouldBe before + 5
        }

        loopTest("ready is what this turn has left and the next one will run") {
            val loop = getRunningLoop()
            val before = loop.metrics.ready
            loop.callSoon { }
            createTask { }
            loop.metrics.ready shouldBe before + 2
            turns(2)
            loop.metrics.ready shouldBe before
        }

        loopTest("tasks are those that are not done") {
            val metrics = getRunningLoop().metrics
            val before = metrics.tasks
            val sleepers = List(3) { createTask { sleep(1.hours) } }
            metrics.tasks shouldBe before + 3
            sleepers.first().cancel()
            turns(2)
            metrics.tasks shouldBe before + 2
        }

        loopTest("timers are those that are neither due nor cancelled") {
            val loop = getRunningLoop()
            val before = loop.metrics.timers
            val timer = loop.callLater(1.hours) { }
            val sleeper = createTask { timeout(2.hours) { sleep(1.hours) } }
            turns(1)
            loop.metrics.timers shouldBe before + 3
            timer.cancel()
            loop.metrics.timers shouldBe before + 2
            sleeper.cancel()
            turns(2)
            loop.metrics.timers shouldBe before
        }

        test("connections are both ends of a stream, and neither the server nor a closed one") {
            onSockets {
                startServer("127.0.0.1", 0) { reader, writer -> reader.read().also { writer.close() } }.use { server ->
                    metrics.connections shouldBe 0
                    val (reader, writer) = openConnection("127.0.0.1", server.port)
                    while (metrics.connections < 2) sleep(1.milliseconds)
                    writer.writeEof()
                    reader.read()
                    writer.close()
                    writer.waitClosed()
                    while (metrics.connections > 0) sleep(1.milliseconds)
                }
            }
        }

        test("there is one object for each loop") {
            EventLoop().use { loop ->
                loop.metrics shouldBeSameInstanceAs loop.metrics
                EventLoop().use { (it.metrics === loop.metrics) shouldBe false }
            }
        }

        test("a loop that does not run, or is closed, has nothing to do and no lag") {
            val loop = EventLoop()
            val metrics = loop.metrics
            repeat(2) { metrics.lagNanos shouldBe 0 }
            metrics.toString() shouldBe "<LoopMetrics turns=0 ready=0 tasks=0 timers=0 connections=0 of $loop>"
            loop.close()
            repeat(2) { metrics.lagNanos shouldBe 0 }
            metrics.tasks shouldBe 0
        }

        test("the lag of a loop that a callback holds grows, is told once that has ended, and then is past") {
            withRunning { loop ->
                val metrics = loop.metrics
                val held = CountDownLatch(1)
                val mayGoOn = CountDownLatch(1)
                loop.callSoonThreadsafe {
                    held.countDown()
                    mayGoOn.await()
                }
                held.await()
                metrics.lagNanos shouldBe 0
                var seen = 0L
                while (seen < 30_000_000) seen = metrics.lagNanos
                mayGoOn.countDown()
                loop.inTurn { }
                val told = metrics.lagNanos
                told shouldBeGreaterThanOrEqual seen
                while (metrics.lagNanos >= told) loop.inTurn { }
            }
        }

        test("a loop that nobody asks for its lag has no turns for it") {
            withRunning { loop ->
                val metrics = loop.metrics
                metrics.lagNanos shouldBe 0
                loop.inTurn { }
                val before = loop.inTurn { metrics.turns }
                repeat(100) { metrics.tasks + metrics.ready + metrics.timers + metrics.connections }
                loop.inTurn { metrics.turns } shouldBe before + 1
            }
        }

        test("a probe that an earlier run has left behind says nothing about the time in between") {
            EventLoop().use { loop ->
                val lags = ArrayList<Long>()
                loop.callSoon {
                    lags += loop.metrics.lagNanos
                    loop.stop()
                }
                loop.runForever()
                loop.metrics.ready shouldBe 1
                loop.callSoon { loop.callSoon { loop.stop() } }
                loop.callSoon { lags += loop.metrics.lagNanos }
                loop.runForever()
                lags shouldContainExactly listOf(0L, 0L)
            }
        }
    })

/** A loop that runs in a thread of its own during [block]. */
internal fun withRunning(block: (EventLoop) -> Unit) {
    EventLoop().use { loop ->
        val runner = thread(name = "runs the loop") { loop.runForever() }
        try {
            loop.inTurn { }
            block(loop)
        } finally {
            loop.callSoonThreadsafe { loop.stop() }
            runner.join()
        }
    }
}

/** What [block] returns, in a turn of this loop, which runs in another thread. */
internal fun <T> EventLoop.inTurn(block: () -> T): T {
    val result = CompletableFuture<T>()
    callSoonThreadsafe { result.complete(block()) }
    return result.get()
}
