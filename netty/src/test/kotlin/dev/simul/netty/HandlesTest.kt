// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.netty.channel.IoEvent
import io.netty.channel.IoHandle
import io.netty.channel.IoOps
import io.netty.channel.IoRegistration
import io.netty.channel.nio.NioIoEvent
import io.netty.channel.nio.NioIoHandle
import io.netty.channel.nio.NioIoOps
import io.netty.channel.nio.NioSelectableChannelIoHandle
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.CancelledKeyException
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

class HandlesTest :
    FunSpec({
        test("a handle hears of the operations that it has asked for, as long as they are ready") {
            withPipe { handle ->
                val registration = await(eventLoopGroup().register(handle))
                handle.events shouldContainExactly listOf("registered")
                handle.write("a")
                sleep(10.milliseconds)
                handle.events.size shouldBe 1
                registration.submit(NioIoOps.READ) shouldBe SelectionKey.OP_READ.toLong()
                until { handle.events.size == 3 } // It does not read at first.
                handle.events shouldContainExactly listOf("registered", "ready for 1", "ready for 1")
                registration.submit(NioIoOps.NONE)
                sleep(10.milliseconds)
                handle.events.size shouldBe 3
                registration.cancel() shouldBe true
                handle.events.last() shouldBe "unregistered"
            }
        }

        test("another thread may register, ask for operations and cancel") {
            withPipe { handle ->
                val group = eventLoopGroup()
                val registration = toThread { group.register(handle).sync().now }
                toThread { registration.submit(NioIoOps.READ) }
                handle.isReading = true
                toThread { handle.write("a") }
                until { "ready for 1" in handle.events }
                handle.read shouldBe "a"
                toThread { registration.submit(NioIoOps.NONE) }
                until(Duration.ZERO) { registration.attachment<SelectionKey>().interestOps() == 0 }
                toThread { registration.cancel() } shouldBe true
                until { "unregistered" in handle.events }
                registration.isValid shouldBe false
            }
        }

        test("a cancelled registration is void, and its channel can be registered again") {
            withPipe { handle ->
                val group = eventLoopGroup()
                val first = await(group.register(handle))
                val key = first.attachment<SelectionKey>()
                key.isValid shouldBe true
                key.channel() shouldBe handle.selectableChannel()
                first.cancel() shouldBe true
                first.cancel() shouldBe false
                first.isValid shouldBe false
                key.isValid shouldBe false
                first.submit(NioIoOps.READ) shouldBe -1
                shouldThrow<CancelledKeyException> { key.interestOps() }
                val second = await(group.register(handle))
                handle.isReading = true
                second.submit(NioIoOps.READ)
                handle.write("b")
                until { handle.read == "b" }
                handle.events.filter { !it.startsWith("ready") } shouldContainExactly listOf("registered", "unregistered", "registered")
                second.cancel()
            }
        }

        test("a channel is registered once at a time") {
            withPipe { handle ->
                val group = eventLoopGroup()
                val first = await(group.register(handle))
                shouldThrow<IllegalStateException> { await(group.register(handle)) }.message shouldContain "is used by"
                first.isValid shouldBe true
                first.cancel()
            }
        }

        test("other handles, operations and closed channels are refused") {
            withPipe { handle ->
                val group = eventLoopGroup()
                val other =
                    object : IoHandle {
                        override fun handle(
                            registration: IoRegistration,
                            event: IoEvent,
                        ) = Unit

                        override fun close() = Unit
                    }
                shouldThrow<IllegalArgumentException> { await(group.register(other)) }.message shouldContain "is not a NioIoHandle"
                val registration = await(group.register(handle))
                shouldThrow<IllegalArgumentException> { registration.submit(object : IoOps {}) }.message shouldContain "are not NioIoOps"
                shouldThrow<IllegalArgumentException> { registration.submit(NioIoOps.ACCEPT) }.message shouldContain "has no operations 16"
                registration.cancel()
                handle.close()
                shouldThrow<java.nio.channels.ClosedChannelException> { await(group.register(handle)) }
            }
        }

        test("Netty's handle for any channel of java.nio finds the ready operations in its key") {
            onLoop {
                val listener = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).apply { configureBlocking(false) }
                val accepted = ArrayList<SocketChannel>()
                val accepting =
                    object : NioSelectableChannelIoHandle<ServerSocketChannel>(listener) {
                        override fun handle(
                            channel: ServerSocketChannel,
                            key: SelectionKey,
                        ) {
                            if (key.isAcceptable) accepted += channel.accept()
                        }
                    }
                val client = SocketChannel.open().apply { configureBlocking(false) }
                val connecting =
                    object : NioSelectableChannelIoHandle<SocketChannel>(client) {
                        override fun handle(
                            channel: SocketChannel,
                            key: SelectionKey,
                        ) {
                            if (key.isConnectable && channel.finishConnect()) key.interestOps(0)
                        }
                    }
                val group = eventLoopGroup()
                val ofListener = await(group.register(accepting))
                ofListener.submit(NioIoOps.ACCEPT)
                val ofClient = await(group.register(connecting))
                client.connect(listener.localAddress)
                ofClient.submit(NioIoOps.CONNECT)
                until { accepted.size == 1 && client.isConnected }
                ofListener.cancel() shouldBe true
                ofClient.cancel() shouldBe true
                for (channel in accepted + client + listener) channel.close()
            }
        }

        test("an exception of a handle is reported, and the handle still hears") {
            withPipe { handle ->
                val reports = getRunningLoop().recordReports()
                val registration = await(eventLoopGroup().register(handle))
                handle.failure = IllegalStateException("broken")
                registration.submit(NioIoOps.READ)
                handle.write("a")
                until { reports.isNotEmpty() }
                reports[0].exception!!.message shouldBe "broken"
                handle.failure = null
                handle.isReading = true
                until { handle.read == "a" }
                registration.cancel()
            }
        }

        test("a handle that is open when the loop closes is unregistered and closed") {
            lateinit var handle: FakeHandle
            onLoop {
                recordReports()
                handle = FakeHandle()
                await(eventLoopGroup().register(handle))
            }
            handle.events shouldContainExactly listOf("registered", "unregistered", "closed")
            handle.close()
        }
    })

private fun withPipe(body: suspend (FakeHandle) -> Unit) =
    onLoop {
        val handle = FakeHandle()
        try {
            body(handle)
        } finally {
            handle.close()
        }
    }

/** The reading end of a pipe. */
internal class FakeHandle(
    private val whenClosed: () -> Unit = {},
) : NioIoHandle {
    private val pipe = Pipe.open()
    val events = ArrayList<String>()
    var isReading = false
    var failure: Throwable? = null
    var read = ""

    fun write(text: String) {
        pipe.sink().write(ByteBuffer.wrap(text.toByteArray()))
    }

    override fun selectableChannel(): SelectableChannel = pipe.source()

    override fun registered() {
        events += "registered"
    }

    override fun unregistered() {
        events += "unregistered"
    }

    override fun handle(
        registration: IoRegistration,
        event: IoEvent,
    ) {
        events += "ready for ${(event as NioIoEvent).ops().value()}"
        failure?.let { throw it }
        if (!isReading) {
            if (events.size == 3) registration.submit(NioIoOps.NONE)
            return
        }
        val buffer = ByteBuffer.allocate(10)
        pipe.source().read(buffer)
        read += String(buffer.array(), 0, buffer.position())
    }

    override fun close() {
        events += "closed"
        pipe.source().close()
        pipe.sink().close()
        whenClosed()
    }
}
