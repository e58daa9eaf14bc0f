// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.queues.QueueEmpty
import dev.simul.queues.QueueFull
import dev.simul.queues.QueueShutDown
import dev.simul.sync.turn
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList

/** What does not depend on threads: both ends in one loop, on virtual time. */
class MemoryChannelTest :
    FunSpec({
        fun channel(capacity: Int = 10) = getRunningLoop().channelTo<Int>(getRunningLoop(), capacity)

        loopTest("items are received in the order in which they were sent") {
            val (sender, receiver) = channel(capacity = 1000)
            repeat(500) { sender.send(it) }
            receiver.qsize() shouldBe 500
            List(500) { receiver.receive() } shouldBe List(500) { it }
            sender.qsize() shouldBe 0
        }

        loopTest("null is an item as any other") {
            val (sender, receiver) = getRunningLoop().channelTo<Int?>(getRunningLoop(), 2)
            sender.send(null)
            sender.sendNowait(1)
            sender.close()
            receiver.toList() shouldBe listOf(null, 1)
        }

        loopTest("send waits while the channel is full") {
            val (sender, receiver) = channel(capacity = 2)
            val events = ArrayList<String>()
            val sending =
                createTask {
                    repeat(4) {
                        sender.send(it)
                        events += "sent $it"
                    }
                }
            turn()
            events shouldContainExactly listOf("sent 0", "sent 1")
            sender.qsize() shouldBe 2
            repeat(4) { events += "received ${receiver.receive()}" }
            sending.await()
            events.filter { "received" in it } shouldBe List(4) { "received $it" }
            events.indexOf("sent 2") shouldBeGreaterThan events.indexOf("received 0")
        }

        loopTest("one item that is received makes room for one, although nobody asks for the next") {
            val (sender, receiver) = channel(capacity = 10)
            repeat(10) { sender.sendNowait(it) }
            val sending = createTask { repeat(3) { sender.send(10 + it) } }
            turn()
            receiver.receive() shouldBe 0
            repeat(4) { turn() }
            receiver.qsize() shouldBe 10
            sending.done() shouldBe false
            repeat(2) { receiver.receive() }
            sending.await()
            List(10) { receiver.receiveNowait() } shouldBe List(10) { it + 3 }
        }

        loopTest("what need not wait is done at once, or refused") {
            val (sender, receiver) = channel(capacity = 1)
            shouldThrow<QueueEmpty> { receiver.receiveNowait() }.message shouldBe
                "<MemoryReceiveChannel 0/1> is empty: await receive() to wait for an item"
            sender.sendNowait(7)
            shouldThrow<QueueFull> { sender.sendNowait(8) }.message shouldBe
                "<MemorySendChannel 1/1> is full: await send() to wait until an item is received"
            receiver.receiveNowait() shouldBe 7
        }

        loopTest("a task that is cancelled while it waits to send has sent nothing, and the next one goes on") {
            val (sender, receiver) = channel(capacity = 1)
            sender.send(0)
            val tasks = List(3) { createTask { sender.send(it + 1) } }
            turn()
            tasks[0].cancel()
            receiver.receive() shouldBe 0
            turn() // The second one is woken now,
            tasks[1].cancel() // and cancelled before it could send.
            receiver.receive() shouldBe 3
            tasks[2].await()
            tasks.map { it.cancelled() } shouldBe listOf(true, true, false)
            receiver.qsize() shouldBe 0
        }

        loopTest("a task that is cancelled while it waits to receive takes nothing, and the next one gets it") {
            val (sender, receiver) = channel()
            val tasks = List(2) { createTask { receiver.receive() } }
            turn()
            sender.send(1)
            turn()
            tasks[0].cancel()
            tasks[1].await() shouldBe 1
            shouldThrow<CancelledException> { tasks[0].await() }
        }

        loopTest("after the sending end was closed, the rest is received, and then the end") {
            val (sender, receiver) = channel()
            sender.send(1)
            sender.close()
            sender.close()
            shouldThrow<QueueShutDown> { sender.send(2) }.message shouldBe
                "cannot send to <MemorySendChannel 1/10>: its sending end was closed"
            receiver.receive() shouldBe 1
            val end = shouldThrow<QueueShutDown> { receiver.receive() }
            end.message shouldBe "nothing more can be received from <MemoryReceiveChannel 0/10>: its sending end was closed"
            end.cause shouldBe null
            shouldThrow<QueueShutDown> { receiver.receiveNowait() }
        }

        loopTest("closing the sending end wakes all that wait to receive, and those that wait to send") {
            val (sender, receiver) = channel(capacity = 1)
            val receiving = List(2) { createTask { receiver.receive() } }
            turn()
            sender.close()
            for (task in receiving) shouldThrow<QueueShutDown> { task.await() }

            val full = channel(capacity = 1)
            full.sender.send(1)
            val sending = createTask { full.sender.send(2) }
            turn()
            full.sender.close()
            shouldThrow<QueueShutDown> { sending.await() }
            full.receiver.toList() shouldBe listOf(1)
        }

        loopTest("closing the receiving end drops what is there, and fails all that wait to send") {
            val (sender, receiver) = channel(capacity = 1)
            val reason = IllegalStateException("the disk is full")
            sender.send(1)
            val sending = List(2) { createTask { sender.send(2) } }
            turn()
            receiver.close(reason)
            for (task in sending) {
                val failure = shouldThrow<QueueShutDown> { task.await() }
                failure.message shouldBe "cannot send to <MemorySendChannel 0/1>: its receiving end was closed"
                failure.cause shouldBeSameInstanceAs reason
            }
            shouldThrow<QueueShutDown> { receiver.receive() }.cause shouldBeSameInstanceAs reason
            shouldThrow<QueueShutDown> { sender.sendNowait(1) }
        }

        loopTest("closing the receiving end fails those that wait to receive") {
            val (_, receiver) = channel()
            val receiving = createTask { receiver.receive() }
            turn()
            receiver.use { }
            shouldThrow<QueueShutDown> { receiving.await() }.message shouldContain "its receiving end was closed"
        }

        loopTest("a for loop has the items until the sending end is closed, and several share them") {
            val (sender, receiver) = channel(capacity = 3)
            val received = ArrayList<Int>()
            val tasks = List(3) { createTask { for (item in receiver) received += item } }
            sender.use { repeat(100) { sender.send(it) } }
            tasks.forEach { it.await() }
            received.sorted() shouldBe List(100) { it }
            shouldThrow<NoSuchElementException> { receiver.iterator().next() }
        }

        loopTest("a for loop throws what the sending end was closed because of") {
            val (sender, receiver) = channel()
            val reason = IllegalStateException("no more orders")
            sender.send(1)
            sender.close(reason)
            val received = ArrayList<Int>()
            shouldThrow<QueueShutDown> { for (item in receiver) received += item }.cause shouldBeSameInstanceAs reason
            received shouldBe listOf(1)
        }

        loopTest("a flow of the items is closed at its end, by its failure and by its cancellation, and says why") {
            val ended = channel()
            ended.sender.use { ended.sender.send(1) }
            ended.receiver.map { it * 2 }.toList() shouldBe listOf(2)
            shouldThrow<QueueShutDown> { ended.receiver.receive() }

            val failed = channel()
            val reason = IllegalStateException("unexpected")
            failed.sender.send(1)
            shouldThrow<IllegalStateException> { failed.receiver.collect { throw reason } } shouldBeSameInstanceAs reason
            shouldThrow<QueueShutDown> { failed.sender.send(1) }.cause shouldBeSameInstanceAs reason

            val cancelled = channel(capacity = 1)
            val collecting = createTask { cancelled.receiver.collect { turn() } }
            turn()
            collecting.cancel("enough")
            shouldThrow<CancelledException> { collecting.await() }
            shouldThrow<QueueShutDown> { cancelled.sender.send(1) }.cause!!.message shouldBe "enough"

            val left = channel()
            left.sender.send(5)
            left.receiver.first() shouldBe 5
            shouldThrow<QueueShutDown> { left.sender.send(1) }.cause shouldBe null
        }

        loopTest("an end that is used is closed because of what the block throws") {
            val reason = IllegalStateException("unexpected")
            val sent = channel()
            shouldThrow<IllegalStateException> {
                sent.sender.use {
                    it.send(1)
                    throw reason
                }
            } shouldBeSameInstanceAs reason
            shouldThrow<QueueShutDown> { sent.receiver.toList() }.cause shouldBeSameInstanceAs reason
            val received = channel()
            shouldThrow<IllegalStateException> { received.receiver.use { throw reason } }
            shouldThrow<QueueShutDown> { received.sender.send(1) }.cause shouldBeSameInstanceAs reason
            val ended = channel()
            ended.sender.use { "result" } shouldBe "result"
            shouldThrow<QueueShutDown> { ended.receiver.receive() }.cause shouldBe null
        }

        loopTest("its text says what it holds, and its name") {
            val channel = getRunningLoop().channelTo<Int>(getRunningLoop(), 3, name = "orders")
            channel.sender.send(1)
            channel.toString() shouldBe "<MemoryChannel <MemorySendChannel orders 1/3> <MemoryReceiveChannel orders 1/3>>"
            channel.sender.name shouldBe "orders"
            channel.receiver.name shouldBe "orders"
            channel.sender.capacity shouldBe 3
            channel.receiver.capacity shouldBe 3
            channel.sender.loop shouldBeSameInstanceAs getRunningLoop()
            channel.receiver.loop shouldBeSameInstanceAs getRunningLoop()
        }

        test("a task that can never receive is reported by name") {
            shouldThrow<Deadlock> {
                runTest {
                    val loop = getRunningLoop()
                    loop.channelTo<Int>(loop, 1, name = "orders").receiver.receive()
                }
            }.message shouldContain "MemoryReceiveChannel.receive of orders"
        }

        loopTest("a channel has room, and two open loops") {
            shouldThrow<IllegalArgumentException> {
                channel(
                    capacity = 0,
                )
            }.message shouldBe "a channel needs room for at least 1 item, not 0"
            val closed = EventLoop().apply { close() }
            shouldThrow<IllegalStateException> { getRunningLoop().channelTo<Int>(closed, 1) }
            shouldThrow<IllegalStateException> { closed.channelTo<Int>(getRunningLoop(), 1) }
            LoopChannels[getRunningLoop()].size shouldBe 0
        }

        loopTest("a loop forgets a channel whose ends are both closed") {
            val loop = getRunningLoop()
            val channels = List(100) { channel() }
            LoopChannels[loop].size shouldBe 100
            for (channel in channels) {
                channel.receiver.close()
                channel.sender.close()
            }
            LoopChannels[loop].size shouldBe 0
        }
    })
