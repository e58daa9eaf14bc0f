// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey
import java.util.concurrent.CountDownLatch
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.measureTime

class NioPollerTest :
    FunSpec({
        val pipe = Pipe.open()
        pipe.source().configureBlocking(false)
        afterSpec {
            pipe.source().close()
            pipe.sink().close()
        }

        fun parking() = NioPoller()

        fun selecting() = NioPoller().also { it.register(pipe.source()).interestOps(SelectionKey.OP_READ) }

        for ((mode, newPoller) in listOf("parking" to ::parking, "selecting" to ::selecting)) {
            context(mode) {
                test("a wake-up from before makes the next poll return at once") {
                    val poller = newPoller()
                    poller.wakeup()
                    poller.wakeup()
                    measureTime { poller.poll(-1) } shouldBeLessThan 1.minutes
                }

                test("a wake-up lets one poll go, not two") {
                    val poller = newPoller()
                    poller.wakeup()
                    poller.poll(-1)
                    var spent = measureTime { poller.poll(20.milliseconds.inWholeNanoseconds) }
                    // Parking may end early, seldom: what is left is waited for again.
                    while (spent < 20.milliseconds) {
                        spent +=
                            measureTime {
                                poller.poll(
                                    (20.milliseconds - spent).inWholeNanoseconds,
                                )
                            }
                    }
                    spent shouldBeGreaterThanOrEqualTo 20.milliseconds
                }

                test("zero does not wait, and leaves the wake-up for the next poll") {
                    val poller = newPoller()
                    poller.wakeup()
                    poller.poll(0)
                    measureTime { poller.poll(-1) } shouldBeLessThan 1.minutes
                }

                test("a wake-up from another thread ends the wait") {
                    val poller = newPoller()
                    val begun = CountDownLatch(1)
                    val waker =
                        thread {
                            begun.await()
                            poller.wakeup()
                        }
                    begun.countDown()
                    measureTime { poller.poll(5.minutes.inWholeNanoseconds) } shouldBeLessThan 1.minutes
                    waker.join()
                }

                test("no wake-up is ever lost") {
                    val poller = newPoller()
                    val rounds = 50_000
                    val sent = AtomicInteger()
                    val seen = SynchronousQueue<Int>()
                    val waker =
                        thread(isDaemon = true) {
                            for (round in 1..rounds) {
                                sent.set(round)
                                poller.wakeup()
                                if (round % 100 == 0) seen.take()
                            }
                        }
                    var last = 0
                    while (last < rounds) {
                        // Without a limit: a lost wake-up would hang here for good.
                        poller.poll(-1)
                        val now = sent.get()
                        if (now / 100 > last / 100) repeat(now / 100 - last / 100) { seen.put(now) }
                        last = now
                    }
                    waker.join()
                    last shouldBe rounds
                }

                test("an interrupt ends the wait, and is passed on once") {
                    val poller = newPoller()
                    Thread.currentThread().interrupt()
                    shouldThrow<InterruptedException> { poller.poll(-1) }
                    Thread.interrupted() shouldBe false
                    poller.wakeup()
                    poller.poll(-1)
                }

                test("an interrupt from another thread ends the wait") {
                    val poller = newPoller()
                    val polling = Thread.currentThread()
                    val interrupter = thread { polling.interrupt() }
                    shouldThrow<InterruptedException> { while (true) poller.poll(-1) }
                    interrupter.join()
                    Thread.interrupted() shouldBe false
                }
            }
        }

        test("tells of what is ready, in each poll that waits") {
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            val poller = NioPoller()
            val told = mutableListOf<Int>()
            val key = poller.register(pipe.source())
            key.attach(ReadinessListener { told += it })
            key.interestOps(SelectionKey.OP_READ)
            pipe.sink().write(ByteBuffer.allocate(1))
            poller.poll(-1)
            poller.poll(-1)
            told shouldContainExactly listOf(SelectionKey.OP_READ, SelectionKey.OP_READ)
            poller.close()
            pipe.source().close()
            pipe.sink().close()
        }

        test("looks without waiting if something may have happened, and else every 50 microseconds") {
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            val poller = NioPoller()
            var told = 0
            val key = poller.register(pipe.source())
            key.attach(ReadinessListener { told++ })
            key.interestOps(SelectionKey.OP_READ)
            pipe.sink().write(ByteBuffer.allocate(1))
            poller.expectNews()
            poller.poll(0)
            told shouldBe 1
            while (told < 2) poller.poll(0)
            poller.close()
            pipe.source().close()
            pipe.sink().close()
        }

        test("goes by the loop's clock when it looks") {
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            var now = 0L
            val poller = NioPoller({ now })
            var told = 0
            val key = poller.register(pipe.source())
            key.attach(ReadinessListener { told++ })
            key.interestOps(SelectionKey.OP_READ)
            poller.poll(0)
            pipe.sink().write(ByteBuffer.allocate(1))
            repeat(100) { poller.poll(0) }
            told shouldBe 0
            now += 50_000
            poller.poll(0)
            told shouldBe 1
            repeat(4095) { poller.poll(0) }
            told shouldBe 1
            poller.poll(0)
            told shouldBe 2
            poller.close()
            pipe.source().close()
            pipe.sink().close()
        }

        test("tells of 64 channels in each poll, and of each once before it asks the system again") {
            HundredReady().use {
                it.poller.poll(-1)
                it.told.size shouldBe 64
                it.poller.poll(0)
                it.told.size shouldBe 100
                it.told.toSet().size shouldBe 100
                it.poller.poll(-1)
                it.told.size shouldBe 164
            }
        }

        test("does not tell of a channel that was closed since it was selected") {
            HundredReady().use {
                it.poller.poll(-1)
                val closed = it.pipes.indices.first { number -> number !in it.told }
                it.pipes[closed].source().close()
                it.poller.poll(-1)
                it.told shouldContainExactlyInAnyOrder it.pipes.indices.filter { number -> number != closed }
            }
        }

        test("a selection in between, which removes a cancelled key, loses no channel") {
            HundredReady().use {
                val first = it.pipes.first().source()
                it.poller.poll(-1)
                it.poller.register(first).cancel()
                it.poller.register(first).isValid shouldBe true
                it.told.clear()
                repeat(2) { _ -> it.poller.poll(-1) }
                it.told shouldContainExactlyInAnyOrder (1..99).toList()
            }
        }

        test("registers a channel again whose key was cancelled") {
            val pipe = Pipe.open()
            pipe.source().configureBlocking(false)
            val poller = NioPoller()
            val key = poller.register(pipe.source())
            poller.register(pipe.source()) shouldBeSameInstanceAs key
            key.cancel()
            val again = poller.register(pipe.source())
            again.isValid shouldBe true
            poller.close()
            pipe.source().close()
            pipe.sink().close()
        }
    })

/** A poller of a hundred channels that are ready, and the numbers of those that it has told of. */
private class HundredReady : AutoCloseable {
    val poller = NioPoller()
    val told = mutableListOf<Int>()
    val pipes = List(100) { Pipe.open() }

    init {
        pipes.forEachIndexed { number, pipe ->
            pipe.source().configureBlocking(false)
            val key = poller.register(pipe.source())
            key.attach(ReadinessListener { told += number })
            key.interestOps(SelectionKey.OP_READ)
            pipe.sink().write(ByteBuffer.allocate(1))
        }
    }

    override fun close() {
        poller.close()
        for (pipe in pipes) {
            pipe.source().close()
            pipe.sink().close()
        }
    }
}
