// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.loop.EventLoop
import dev.simul.loop.MonotonicClock
import dev.simul.loop.NioPoller
import dev.simul.loop.Poller
import dev.simul.loop.getRunningLoop
import dev.simul.queues.QueueShutDown
import dev.simul.sleep
import dev.simul.sync.turn
import dev.simul.testing.runTest
import dev.simul.toThread
import dev.simul.waitFor
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

private val ITEMS = Soak.of(1_000_000)

class TwoLoopsTest :
    FunSpec({
        for (capacity in listOf(1, 2, 7, 100, 5000)) {
            test("items arrive in order through a channel of $capacity") {
                OtherLoop().use { other ->
                    runLoop {
                        val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, capacity)
                        val count = if (capacity < 100) ITEMS / 10 else ITEMS
                        val received = other.start { receiver.receiveInOrder() }
                        sender.use { repeat(count) { sender.send(it) } }
                        wrapFuture(received).await() shouldBe count
                    }
                }
            }
        }

        test("items go there and back") {
            OtherLoop().use { other ->
                runLoop {
                    val loop = getRunningLoop()
                    val there = loop.channelTo<Int>(other.loop, 10)
                    val back = other.loop.channelTo<Int>(loop, 10)
                    other.start { back.sender.use { for (item in there.receiver) back.sender.send(item + 1) } }
                    val sending = createTask { there.sender.use { repeat(10_000) { there.sender.send(it) } } }
                    var expected = 1
                    for (item in back.receiver) item shouldBe expected++
                    expected shouldBe 10_001
                    sending.await()
                }
            }
        }

        test("each item is received once, while tasks at both ends are cancelled all the time") {
            val random = Random(4711)
            OtherLoop().use { other ->
                runLoop {
                    val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, 3)
                    val received = ArrayList<Int>()
                    val end =
                        other.start {
                            val luck = Random(4712)
                            while (!receiver.cancelSome(luck, received)) turn()
                        }
                    val sent = ArrayList<Int>()
                    repeat(ITEMS / 100) { round -> sender.cancelSome(round, random, sent) }
                    sender.close()
                    wrapFuture(end).await()
                    sent.size shouldBeGreaterThan 100
                    received shouldContainExactlyInAnyOrder sent
                }
            }
        }

        test("one wake-up of the other loop serves a thousand items") {
            val wakeups = AtomicInteger()
            val nio = NioPoller(MonotonicClock)
            val counting =
                object : Poller by nio {
                    override fun wakeup() {
                        wakeups.incrementAndGet()
                        nio.wakeup()
                    }
                }
            OtherLoop(EventLoop(MonotonicClock, counting)).use { other ->
                runLoop {
                    val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, 1000)
                    val received = other.start { receiver.receiveInOrder() }
                    other.call { turn() } // The receiver waits now.
                    other.heldUp {
                        val before = wakeups.get()
                        repeat(1000) { sender.send(it) }
                        wakeups.get() - before shouldBe 1
                    }
                    sender.close()
                    wrapFuture(received).await() shouldBe 1000
                }
            }
        }

        test("the other loop's close fails those that wait to send, and says so") {
            runLoop {
                val other = OtherLoop()
                val (sender, _) = getRunningLoop().channelTo<Int>(other.loop, 1)
                sender.send(1)
                val sending = List(2) { createTask { sender.send(2) } }
                turn()
                toThread { other.close() }
                for (task in sending) {
                    shouldThrow<QueueShutDown> { waitFor(60.seconds) { task.await() } }.message shouldBe
                        "cannot send to <MemorySendChannel 0/1>: its receiving end was closed with its loop"
                }
            }
        }

        test("the other loop's close ends the receiving, after what was sent") {
            runLoop {
                val other = OtherLoop()
                val (sender, receiver) = other.loop.channelTo<Int>(getRunningLoop(), 10)
                other.call { repeat(3) { sender.send(it) } }
                val receiving = createTask { List(4) { receiver.receive() } }
                turn()
                receiver.qsize() shouldBe 0
                toThread { other.close() }
                shouldThrow<QueueShutDown> { waitFor(60.seconds) { receiving.await() } }.message shouldContain
                    "its sending end was closed with its loop"
            }
        }

        test("loops that are closed hold no channel, and an unused one is not kept by those that run") {
            OtherLoop().use { other ->
                runLoop {
                    val loop = getRunningLoop()
                    val forgotten = WeakReference(loop.channelTo<Int>(other.loop, 1))
                    repeat(600) {
                        if (forgotten.get() != null) {
                            System.gc()
                            sleep(100.milliseconds)
                        }
                    }
                    forgotten.get() shouldBe null
                    val (sender, receiver) = loop.channelTo<Int>(other.loop, 1)
                    toThread { other.close() }
                    shouldThrow<QueueShutDown> { sender.send(1) }
                    sender.close()
                    LoopChannels[loop].size shouldBe 0
                    receiver.qsize() shouldBe 0
                }
            }
        }

        test("each end refuses other loops, threads, and other dispatchers") {
            OtherLoop().use { other ->
                runLoop {
                    val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, 10)
                    val wrong = "belongs to another loop than this: use it in a task or a callback of <EventLoop"
                    shouldThrow<IllegalStateException> { receiver.receive() }.message shouldContain wrong
                    shouldThrow<IllegalStateException> { receiver.receiveNowait() }
                    shouldThrow<IllegalStateException> { receiver.collect { } }
                    other.call { shouldThrow<IllegalStateException> { sender.send(1) }.message shouldContain wrong }
                    toThread { shouldThrow<IllegalStateException> { sender.sendNowait(1) }.message shouldContain wrong }
                    sender.qsize() shouldBe 0
                }
            }
        }

        test("any thread may close an end") {
            OtherLoop().use { other ->
                runLoop {
                    val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, 1)
                    sender.send(1)
                    val sending = createTask { sender.send(2) }
                    turn()
                    toThread { receiver.close(IllegalStateException("no need")) }
                    shouldThrow<QueueShutDown> { waitFor(60.seconds) { sending.await() } }.cause!!.message shouldBe "no need"

                    val second = getRunningLoop().channelTo<Int>(other.loop, 1)
                    val receiving = other.start { second.receiver.receiveInOrder() }
                    toThread { second.sender.close() }
                    wrapFuture(receiving).await() shouldBe 0
                }
            }
        }

        test("a cancelled receiver closes its end, and the senders of the other loop learn why") {
            OtherLoop().use { other ->
                runLoop {
                    val (sender, receiver) = getRunningLoop().channelTo<Int>(other.loop, 1)
                    val receiving = other.start { receiver.collect { sleep(1.hours) } }
                    sender.send(1)
                    sender.send(2) // There is room for it when the first one was received.
                    val sending = createTask { sender.send(3) }
                    turn()
                    receiving.cancel(true)
                    val failure = shouldThrow<QueueShutDown> { waitFor(60.seconds) { sending.await() } }
                    (failure.cause is CancelledException) shouldBe true
                }
            }
        }

        test("a loop on virtual time waits for the other one, which is no deadlock, and its time stands still") {
            OtherLoop().use { other ->
                runTest {
                    val loop = getRunningLoop()
                    val before = loop.time()
                    val there = loop.channelTo<Int>(other.loop, 1)
                    val back = other.loop.channelTo<Int>(loop, 1)
                    other.start { back.sender.use { for (item in there.receiver) back.sender.send(item + 1) } }
                    repeat(100) {
                        there.sender.send(it)
                        back.receiver.receive() shouldBe it + 1
                    }
                    there.sender.close()
                    loop.time() shouldBe before
                }
            }
        }
    })

private suspend fun MemoryReceiveChannel<Int>.receiveInOrder(): Int {
    var expected = 0
    for (item in this) check(item == expected++) { "$item instead of ${expected - 1}" }
    return expected
}

/** Some tasks send; some are cancelled, a turn sooner or later. Adds to [sent] what they have sent. */
private suspend fun MemorySendChannel<Int>.cancelSome(
    round: Int,
    random: Random,
    sent: MutableList<Int>,
) {
    val tasks = List(4) { createTask { send(round * 4 + it) } }
    repeat(random.nextInt(3)) { turn() }
    for (task in tasks) if (random.nextBoolean()) task.cancel()
    for ((number, task) in tasks.withIndex()) {
        try {
            task.await()
            sent += round * 4 + number
        } catch (_: CancelledException) {
            continue
        }
    }
}

/** As for senders; returns whether the end has come. */
private suspend fun MemoryReceiveChannel<Int>.cancelSome(
    random: Random,
    received: MutableList<Int>,
): Boolean {
    val tasks = List(4) { createTask { receive() } }
    repeat(random.nextInt(3)) { turn() }
    for (task in tasks) if (random.nextBoolean()) task.cancel()
    var isOver = false
    for (task in tasks) {
        try {
            received += task.await()
        } catch (_: CancelledException) {
            continue
        } catch (_: QueueShutDown) {
            isOver = true
        }
    }
    return isOver
}
