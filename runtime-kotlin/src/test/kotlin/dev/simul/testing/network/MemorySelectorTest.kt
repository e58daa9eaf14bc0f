// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.IllegalSelectorException
import java.nio.channels.SelectionKey
import java.nio.channels.SelectionKey.OP_ACCEPT
import java.nio.channels.SelectionKey.OP_CONNECT
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import java.nio.channels.Selector
import java.nio.channels.SocketChannel
import kotlin.concurrent.thread

class MemorySelectorTest :
    FunSpec({
        lateinit var network: MemoryNetwork
        lateinit var selector: Selector

        beforeTest {
            network = MemoryNetwork()
            selector = network.openSelector()
        }

        afterTest { selector.close() }

        /** The attachments of the keys that are ready, with what they are ready for. */
        fun ready(): List<String> = buildList { selector.selectNow { key: SelectionKey -> add("${key.attachment()} ${key.readyOps()}") } }

        fun pair(): Pair<SocketChannel, SocketChannel> = network.pair()

        test("a connection becomes ready to be finished, or accepted, and then to be written") {
            val listener = network.listen()
            listener.register(selector, OP_ACCEPT, "listener")
            val near = network.open()
            val key = near.register(selector, OP_CONNECT or OP_WRITE, "near")
            ready().shouldBeEmpty()
            near.connect(listener.localAddress)
            repeat(2) { ready() shouldContainExactly listOf("near $OP_CONNECT", "listener $OP_ACCEPT") }
            listener.acceptOne()
            near.finishConnect()
            ready() shouldContainExactly listOf("near $OP_WRITE")
            key.interestOps(OP_READ)
            ready().shouldBeEmpty()
        }

        test("a refused connection is ready to be finished") {
            val near = network.connect(at("127.0.0.1", 80))
            near.register(selector, OP_CONNECT, "near")
            ready() shouldContainExactly listOf("near $OP_CONNECT")
        }

        test("what can be read is ready until it was read, and so is the end of the stream") {
            val (near, far) = pair()
            near.register(selector, OP_READ, "near")
            ready().shouldBeEmpty()
            far.say("hello")
            repeat(2) { ready() shouldContainExactly listOf("near $OP_READ") }
            near.hear()
            ready().shouldBeEmpty()
            far.shutdownOutput()
            near.hear()
            repeat(2) { ready() shouldContainExactly listOf("near $OP_READ") }
        }

        test("a full connection is ready for writing once something was read") {
            val (near, far) = pair()
            near.register(selector, OP_WRITE, "near")
            near.say("x".repeat(64 * 1024))
            ready().shouldBeEmpty()
            far.hear()
            ready() shouldContainExactly listOf("near $OP_WRITE")
        }

        test("a reset connection is ready for everything") {
            val (near, far) = pair()
            near.register(selector, OP_READ or OP_WRITE, "near")
            near.say("x".repeat(64 * 1024))
            ready().shouldBeEmpty()
            far.close()
            ready() shouldContainExactly listOf("near ${OP_READ or OP_WRITE}")
        }

        test("what became ready first is told first, whenever it was registered") {
            val pairs = List(4) { pair() }
            pairs.forEachIndexed { index, (near, _) -> near.register(selector, OP_READ, index) }
            for (index in listOf(2, 0, 3)) pairs[index].second.say("a")
            ready() shouldContainExactly listOf("2 1", "0 1", "3 1")
            pairs[2].first.hear()
            ready() shouldContainExactly listOf("0 1", "3 1")
            pairs[1].second.say("a")
            pairs[2].second.say("a")
            ready() shouldContainExactly listOf("0 1", "3 1", "1 1", "2 1")
        }

        test("keys are selected until they are taken out, as NIO has it") {
            val (near, far) = pair()
            val key = near.register(selector, OP_READ)
            far.say("a")
            selector.selectNow() shouldBe 1
            selector.selectedKeys() shouldContainExactly listOf(key)
            selector.select() shouldBe 0
            key.interestOps(OP_READ or OP_WRITE)
            selector.select(1000) shouldBe 1
            key.readyOps() shouldBe (OP_READ or OP_WRITE)
            selector.selectedKeys().clear()
            near.hear()
            key.interestOps(OP_READ)
            selector.selectNow() shouldBe 0
            selector.selectedKeys().shouldBeEmpty()
        }

        test("a cancelled key is forgotten by the next selection, and the channel can be registered again") {
            val (near, far) = pair()
            val key = near.register(selector, OP_READ)
            far.say("a")
            key.cancel()
            key.isValid shouldBe false
            shouldThrow<CancelledKeyException> { key.interestOps() }
            shouldThrow<CancelledKeyException> { near.register(selector, OP_READ) }
            selector.keys() shouldContainExactly listOf(key)
            ready().shouldBeEmpty()
            selector.keys().shouldBeEmpty()
            near.isRegistered shouldBe false
            near.register(selector, OP_READ, "again")
            ready() shouldContainExactly listOf("again $OP_READ")
        }

        test("a closed channel is never ready") {
            val (near, far) = pair()
            near.register(selector, OP_READ)
            far.say("a")
            near.close()
            ready().shouldBeEmpty()
            selector.keys().shouldBeEmpty()
        }

        test("two selectors see the same, until one is closed") {
            val (near, far) = pair()
            network.isShared shouldBe false
            network.openSelector().use { other ->
                network.isShared shouldBe true
                near.register(selector, OP_READ, "near")
                val key = near.register(other, OP_READ)
                far.say("a")
                ready() shouldContainExactly listOf("near $OP_READ")
                other.selectNow() shouldBe 1
                other.close()
                key.isValid shouldBe false
                shouldThrow<ClosedSelectorException> { other.selectNow() }
                ready() shouldContainExactly listOf("near $OP_READ")
            }
            network.isShared shouldBe false
        }

        test("it selects channels of its own network alone, and only for what they do") {
            val foreign = MemoryNetwork().open()
            shouldThrow<IllegalSelectorException> { foreign.register(selector, 0) }
            val socket = network.open()
            shouldThrow<IllegalArgumentException> { socket.register(selector, 0).interestOps(OP_ACCEPT) }
                .message shouldContain "has no operations $OP_ACCEPT"
        }

        context("waiting") {
            /** Selects in a thread of its own; runs [end] when that waits, and returns what it has selected. */
            fun selectedWhen(end: (Thread) -> Unit): Int {
                var selected = -1
                val selecting =
                    thread {
                        selected = selector.select()
                        if (Thread.interrupted()) selected += 100
                    }
                while (selecting.state != Thread.State.WAITING) Thread.onSpinWait()
                end(selecting)
                selecting.join()
                return selected
            }

            test("ends with a byte that another thread sends") {
                val (near, far) = pair()
                near.register(selector, OP_READ)
                selectedWhen { far.say("a") } shouldBe 1
            }

            test("ends by a wake-up, also by one that came before") {
                selectedWhen { selector.wakeup() } shouldBe 0
                selector.wakeup()
                selector.select() shouldBe 0
                selector.wakeup()
                selector.selectNow()
                val begin = System.nanoTime()
                selector.select(20) shouldBe 0
                (System.nanoTime() - begin >= 20_000_000) shouldBe true
            }

            test("ends by an interrupt, which stays") {
                selectedWhen { it.interrupt() } shouldBe 100
            }

            test("ends when the selector is closed") {
                val waiting =
                    thread {
                        shouldThrow<ClosedSelectorException> { selector.select() }
                    }
                while (waiting.state != Thread.State.WAITING) Thread.onSpinWait()
                selector.close()
                waiting.join()
            }
        }
    })
