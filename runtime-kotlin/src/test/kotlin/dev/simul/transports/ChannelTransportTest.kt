// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.net.Networks
import dev.simul.net.SocketPair
import dev.simul.net.createTransport
import dev.simul.net.until
import dev.simul.net.use
import dev.simul.net.withTransport
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import org.slf4j.event.Level
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import java.util.Random
import kotlin.time.Duration

internal class ChannelTransportTest : ChannelTransportBehaviour(Networks.REAL)

internal class ChannelTransportInMemoryTest : ChannelTransportBehaviour(Networks.MEMORY)

/** What a transport does, whatever carries it. */
internal abstract class ChannelTransportBehaviour(
    network: Networks,
) : FunSpec({
        fun onLoop(body: suspend (EventLoop) -> Unit) = network.onLoop { body(this) }

        fun <P : RecordingProtocol> withTransport(
            newProtocol: () -> P,
            sendBuffer: Int? = null,
            block: suspend (P, SocketPair, List<ExceptionContext>) -> Unit,
        ) = withTransport(newProtocol, sendBuffer, network, block)

        fun bytes(text: String) = text.encodeToByteArray()

        /** More than the system takes in one go. */
        val much = 64 * 1024 * 1024

        context("receiving") {
            test("begins after the protocol was told of the connection, and before its maker goes on") {
                onLoop { loop ->
                    SocketPair(provider = loop.selectorProvider).use { pair ->
                        pair.send("early")
                        val protocol = RecordingProtocol()
                        val made = SingleWaiter(loop, "connectionMade", protocol)
                        ChannelTransport(loop, pair.near, protocol).start(made)
                        protocol.events.shouldBeEmpty()
                        loop.callSoon { protocol.events += "after the start" }
                        made.await()
                        protocol.events.take(2) shouldContainExactly listOf("made", "after the start")
                        protocol.awaitEvents(3)
                        protocol.events.last() shouldBe "data early"
                        protocol.transport.abort()
                    }
                }
            }

            test("ends with the peer's sending, and the connection with it") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    pair.send("hello")
                    protocol.awaitEvents(2)
                    pair.far.shutdownOutput()
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "data hello", "eof", "lost")
                    protocol.lost.result() shouldBe null
                    protocol.transport.isClosing shouldBe true
                    pair.near.isOpen shouldBe false
                }
            }

            test("ends alone if the protocol wants to go on sending") {
                class HalfClosing : RecordingProtocol() {
                    override fun eofReceived(): Boolean {
                        super.eofReceived()
                        return true
                    }
                }
                withTransport(::HalfClosing) { protocol, pair, _ ->
                    pair.far.shutdownOutput()
                    protocol.awaitEvents(2)
                    protocol.transport.write(bytes("answer"))
                    pair.receive(6) shouldBe "answer"
                    protocol.transport.close()
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "eof", "lost")
                }
            }

            test("ends once, though it is paused and resumed after that") {
                withTransport({ RecordingProtocol(staysOpen = true) }) { protocol, pair, _ ->
                    pair.far.shutdownOutput()
                    protocol.awaitEvents(2)
                    protocol.transport.pauseReading()
                    protocol.transport.resumeReading()
                    repeat(100) { sleep(Duration.ZERO) }
                    protocol.events shouldContainExactly listOf("made", "eof")
                }
            }

            test("pauses and resumes, however often it is asked to") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.isReading shouldBe true
                    transport.resumeReading()
                    transport.pauseReading()
                    transport.pauseReading()
                    transport.isReading shouldBe false
                    pair.send("hello")
                    repeat(100) { sleep(Duration.ZERO) }
                    protocol.events shouldContainExactly listOf("made")
                    transport.resumeReading()
                    transport.resumeReading()
                    transport.isReading shouldBe true
                    protocol.awaitEvents(2)
                    protocol.events.last() shouldBe "data hello"
                    transport.close()
                    transport.pauseReading()
                    transport.resumeReading()
                    transport.isReading shouldBe false
                }
            }

            test("can be paused as soon as there is a connection") {
                class Pausing : RecordingProtocol() {
                    override fun connectionMade(transport: Transport) {
                        super.connectionMade(transport)
                        transport.pauseReading()
                    }
                }
                withTransport(::Pausing) { protocol, pair, _ ->
                    pair.send("hello")
                    repeat(100) { sleep(Duration.ZERO) }
                    protocol.events shouldContainExactly listOf("made")
                    protocol.transport.resumeReading()
                    protocol.awaitEvents(2)
                }
            }

            test("goes by a borrowed buffer if the protocol wants that") {
                class Borrowing : RecordingProtocol() {
                    override fun dataReceived(data: ByteBuffer) {
                        events += "borrowed ${data.isDirect} ${data.remaining()}"
                        transport.write(data)
                    }
                }
                withTransport(::Borrowing) { protocol, pair, _ ->
                    pair.send("hello")
                    pair.receive(5) shouldBe "hello"
                    protocol.events shouldContainExactly listOf("made", "borrowed true 5")
                }
            }

            test("finds a connection reset, which only the protocol is told") {
                withTransport(::RecordingProtocol) { protocol, pair, reports ->
                    pair.reset()
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "lost")
                    protocol.lost.result().shouldBeInstanceOf<ConnectionResetException>()
                    reports.shouldBeEmpty()
                }
            }

            test("takes an IOException out of a protocol for the connection's own, which only the protocol is told") {
                val failure = IOException("the protocol has failed")

                class Failing : RecordingProtocol() {
                    override fun dataReceived(data: ByteArray) = throw failure
                }
                withTransport(::Failing) { protocol, pair, reports ->
                    pair.send("hello")
                    protocol.lost.await() shouldBeSameInstanceAs failure
                    reports.shouldBeEmpty()
                }
            }

            for (what in listOf("dataReceived", "eofReceived")) {
                test("what $what throws ends the connection, and is reported") {
                    val failure = IllegalStateException("the protocol has failed")

                    class Failing : RecordingProtocol() {
                        override fun dataReceived(data: ByteArray) = throw failure

                        override fun eofReceived() = throw failure
                    }
                    withTransport(::Failing) { protocol, pair, reports ->
                        if (what == "dataReceived") pair.send("hello") else pair.far.shutdownOutput()
                        protocol.lost.await()
                        protocol.lost.result() shouldBeSameInstanceAs failure
                        reports.single().message shouldBe "Fatal error: protocol.$what() call failed."
                        reports.single().exception shouldBeSameInstanceAs failure
                        reports.single()["protocol"] shouldBeSameInstanceAs protocol
                        reports.single()["transport"] shouldBeSameInstanceAs protocol.transport
                    }
                }
            }
        }

        context("a buffered protocol") {
            open class Buffered(
                private val recording: RecordingProtocol,
                private val buffer: ByteBuffer,
            ) : BufferedProtocol {
                override fun connectionMade(transport: Transport) = recording.connectionMade(transport)

                override fun getBuffer(sizeHint: Int): ByteBuffer {
                    recording.events += "buffer"
                    return buffer
                }

                override fun bufferUpdated(count: Int) {
                    recording.events += "updated $count ${String(buffer.array(), 0, buffer.position())}"
                    buffer.clear()
                }

                override fun eofReceived() = recording.eofReceived()

                override fun connectionLost(exception: Throwable?) = recording.connectionLost(exception)
            }

            test("receives into its own buffer, as much as there is room for") {
                onLoop { loop ->
                    SocketPair(provider = loop.selectorProvider).use { pair ->
                        val recording = RecordingProtocol()
                        val (transport, protocol) =
                            loop.createTransport(pair.near, Buffered(recording, ByteBuffer.allocate(4)), null)
                        transport.protocol shouldBeSameInstanceAs protocol
                        pair.send("hello")
                        recording.awaitEvents(5)
                        pair.far.shutdownOutput()
                        recording.lost.await()
                        recording.events shouldContainExactly
                            listOf("made", "buffer", "updated 4 hell", "buffer", "updated 1 o", "buffer", "eof", "lost")
                    }
                }
            }

            test("can take over from another kind of protocol") {
                withTransport(::RecordingProtocol) { recording, pair, _ ->
                    pair.send("one")
                    recording.awaitEvents(2)
                    recording.transport.protocol = Buffered(recording, ByteBuffer.allocate(100))
                    pair.send("two")
                    recording.awaitEvents(4)
                    recording.transport.protocol = recording
                    pair.send("three")
                    recording.awaitEvents(5)
                    recording.events shouldContainExactly listOf("made", "data one", "buffer", "updated 3 two", "data three")
                }
            }

            test("with a full buffer loses its connection") {
                onLoop { loop ->
                    SocketPair(provider = loop.selectorProvider).use { pair ->
                        val recording = RecordingProtocol()
                        loop.exceptionHandler = ExceptionHandler { _, context -> recording.events += context.message }
                        loop.createTransport(pair.near, Buffered(recording, ByteBuffer.allocate(0)), null)
                        pair.send("hello")
                        recording.lost.await()
                        recording.events shouldContainExactly
                            listOf("made", "buffer", "Fatal error: protocol.getBuffer() call failed.", "lost")
                    }
                }
            }
        }

        context("sending") {
            test("is done at once") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.write(bytes("a"))
                    transport.write(ByteBuffer.wrap(bytes("xbcx"), 1, 2))
                    transport.write(ByteBuffer.allocateDirect(2).put(bytes("de")).flip())
                    transport.write(ByteArray(0))
                    transport.writelines(listOf(bytes("f"), bytes("g")))
                    transport.writeBufferSize shouldBe 0
                    pair.receive(7) shouldBe "abcdefg"
                }
            }

            test("takes lines as one piece of data") {
                withTransport(::RecordingProtocol) { protocol, _, _ ->
                    protocol.transport.abort()
                    // Each piece that is dropped counts, and some are before that is worth a warning.
                    RecordedLog.during { protocol.transport.writelines(List(100) { bytes("line\n") }) }.shouldBeEmpty()
                }
            }

            test("keeps a copy of what the system does not take, in order") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val data = ByteArray(1_000_000)
                    var written = 0
                    val random = Random(1)
                    while (protocol.transport.writeBufferSize < 5_000_000) {
                        val count = 1 + random.nextInt(if (random.nextBoolean()) 100 else data.size)
                        for (i in 0 until count) data[i] = ((written + i) % 251).toByte()
                        val direct = if (random.nextBoolean()) ByteBuffer.allocateDirect(count) else ByteBuffer.allocate(count)
                        protocol.transport.write(direct.put(data, 0, count).flip())
                        direct.clear().put(ByteArray(count))
                        written += count
                    }
                    protocol.transport.close()
                    val received = ByteBuffer.allocate(written + 1)
                    until { pair.far.read(received) < 0 }
                    received.position() shouldBe written
                    (0 until written).all { received.get(it) == (it % 251).toByte() } shouldBe true
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "pause", "resume", "lost")
                }
            }

            test("pauses the protocol above the high limit, and resumes it at the low one, once each") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.writeBufferLimits shouldBe WriteBufferLimits(16 * 1024, 64 * 1024)
                    while (transport.writeBufferSize == 0) transport.write(ByteArray(64 * 1024))
                    transport.write(ByteArray(64 * 1024 - transport.writeBufferSize))
                    protocol.events shouldContainExactly listOf("made")
                    transport.write(ByteArray(1))
                    protocol.events shouldContainExactly listOf("made", "pause")
                    transport.write(ByteArray(1))
                    transport.close()
                    pair.drain() shouldBeGreaterThan 0
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "pause", "resume", "lost")
                }
            }

            test("to a peer that never reads is bounded by whoever heeds the pause") {
                class Heeding : RecordingProtocol() {
                    var sent = 0L

                    fun pump() {
                        while (events.last() != "pause") {
                            transport.write(ByteArray(10_000))
                            sent += 10_000
                        }
                    }
                }
                withTransport(::Heeding) { protocol, _, _ ->
                    protocol.pump()
                    protocol.transport.writeBufferSize shouldBeLessThan 64 * 1024 + 10_001
                    repeat(100) { sleep(Duration.ZERO) }
                    protocol.events shouldContainExactly listOf("made", "pause")
                }
            }

            test("has limits that follow from each other") {
                withTransport(::RecordingProtocol) { protocol, _, _ ->
                    val transport = protocol.transport
                    transport.setWriteBufferLimits(high = 1000)
                    transport.writeBufferLimits shouldBe WriteBufferLimits(250, 1000)
                    transport.setWriteBufferLimits(low = 1000)
                    transport.writeBufferLimits shouldBe WriteBufferLimits(1000, 4000)
                    transport.setWriteBufferLimits(high = 0)
                    transport.writeBufferLimits shouldBe WriteBufferLimits(0, 0)
                    shouldThrow<IllegalArgumentException> { transport.setWriteBufferLimits(high = 1, low = 2) }
                    shouldThrow<IllegalArgumentException> { transport.setWriteBufferLimits(low = -1) }
                    transport.writeBufferLimits shouldBe WriteBufferLimits(0, 0)
                }
            }

            test("pauses at once if the limits are lowered") {
                withTransport(::RecordingProtocol) { protocol, _, _ ->
                    val transport = protocol.transport
                    while (transport.writeBufferSize == 0) transport.write(ByteArray(10_000))
                    protocol.events shouldContainExactly listOf("made")
                    transport.setWriteBufferLimits(high = 0)
                    protocol.events shouldContainExactly listOf("made", "pause")
                }
            }

            val ends = mapOf<String, (Transport) -> Unit>("closes" to Transport::close, "aborts" to Transport::abort)
            for ((how, end) in ends) {
                test("hears of its end once, though the protocol $how it when it may write again") {
                    class Ending : RecordingProtocol() {
                        override fun resumeWriting() {
                            super.resumeWriting()
                            end(transport)
                        }
                    }
                    withTransport({ Ending() }) { protocol, pair, reports ->
                        protocol.transport.setWriteBufferLimits(high = 0)
                        while (protocol.transport.writeBufferSize == 0) protocol.transport.write(ByteArray(64 * 1024))
                        pair.drain() shouldBeGreaterThan 0
                        repeat(10) { sleep(Duration.ZERO) }
                        protocol.events shouldContainExactly listOf("made", "pause", "resume", "lost")
                        reports.shouldBeEmpty()
                    }
                }
            }

            test("reports what pauseWriting and resumeWriting throw, and goes on") {
                class Failing : RecordingProtocol() {
                    override fun pauseWriting(): Unit = error("no pause")

                    override fun resumeWriting(): Unit = error("no resumption")
                }
                withTransport(::Failing) { protocol, pair, reports ->
                    protocol.transport.write(ByteArray(much))
                    protocol.transport.close()
                    pair.drain() shouldBe much
                    protocol.lost.await()
                    reports.map { it.message } shouldContainExactly
                        listOf("protocol.pauseWriting() failed", "protocol.resumeWriting() failed")
                }
            }

            test("to a peer that is gone loses the connection") {
                withTransport(::RecordingProtocol) { protocol, pair, reports ->
                    protocol.transport.pauseReading()
                    pair.reset()
                    while (!protocol.transport.isClosing) {
                        protocol.transport.write(bytes("hello"))
                        sleep(Duration.ZERO)
                    }
                    protocol.lost.await()
                    protocol.lost.result().shouldBeInstanceOf<ConnectionException>()
                    reports.shouldBeEmpty()
                }
            }

            test("after the connection is lost is in vain, and from the fifth time on a warning") {
                val log =
                    RecordedLog.during {
                        withTransport(::RecordingProtocol) { protocol, _, _ ->
                            protocol.transport.abort()
                            repeat(7) { protocol.transport.write(bytes("hello")) }
                        }
                    }
                log.count { it.level == Level.WARN && "drops what is written" in it.message } shouldBe 3
            }

            test("ends with writeEof, when all was sent") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.canWriteEof() shouldBe true
                    transport.write(ByteArray(much))
                    transport.writeEof()
                    transport.writeEof()
                    shouldThrow<IllegalStateException> { transport.write(bytes("more")) }
                    pair.drain() shouldBe much
                    pair.send("still here")
                    until { "data still here" in protocol.events }
                    transport.isClosing shouldBe false
                }
            }
        }

        context("the end") {
            test("comes after all was sent, once") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.write(ByteArray(much))
                    transport.close()
                    transport.isClosing shouldBe true
                    transport.close()
                    pair.drain() shouldBe much
                    protocol.lost.await()
                    transport.abort()
                    repeat(10) { sleep(Duration.ZERO) }
                    protocol.events shouldContainExactly listOf("made", "pause", "resume", "lost")
                    protocol.lost.result() shouldBe null
                }
            }

            test("is told in a turn of its own") {
                withTransport(::RecordingProtocol) { protocol, _, _ ->
                    protocol.transport.close()
                    protocol.events shouldContainExactly listOf("made")
                    sleep(Duration.ZERO)
                    protocol.events shouldContainExactly listOf("made", "lost")
                }
            }

            test("comes at once with abort, and what is unsent is dropped") {
                withTransport(::RecordingProtocol) { protocol, pair, _ ->
                    val transport = protocol.transport
                    transport.write(ByteArray(much))
                    transport.abort()
                    transport.abort()
                    transport.writeBufferSize shouldBe 0
                    protocol.lost.await()
                    protocol.lost.result() shouldBe null
                    pair.drain() shouldBeLessThan much.toLong()
                }
            }

            test("comes at once with abort, even if it was closing") {
                withTransport(::RecordingProtocol) { protocol, _, _ ->
                    protocol.transport.write(ByteArray(much))
                    protocol.transport.close()
                    protocol.transport.abort()
                    protocol.lost.await()
                    protocol.transport.writeBufferSize shouldBe 0
                }
            }

            test("comes with the loop's, of whatever is open then") {
                val pair = SocketPair()
                val loop = EventLoop()
                val log =
                    RecordedLog.during {
                        val transport =
                            loop.runUntilComplete {
                                val protocol = RecordingProtocol()
                                loop.createTransport(pair.near, protocol, null).transport
                            }
                        loop.close()
                        transport.isClosing shouldBe true
                    }
                pair.near.isOpen shouldBe false
                pair.far.configureBlocking(true)
                pair.far.read(ByteBuffer.allocate(1)) shouldBe -1
                log.count { it.level == Level.DEBUG && "was open when its loop closed" in it.message } shouldBe 1
                pair.close()
            }
        }

        test("it knows its socket and addresses, also when it is closed") {
            withTransport(::RecordingProtocol) { protocol, pair, _ ->
                val near = pair.far.remoteAddress
                val far = pair.far.localAddress
                repeat(2) {
                    protocol.transport.getExtraInfo("sockname") shouldBe near
                    protocol.transport.getExtraInfo("peername") shouldBe far
                    protocol.transport.getExtraInfo("socket") shouldBeSameInstanceAs pair.near
                    protocol.transport.getExtraInfo("colour") shouldBe null
                    protocol.transport.close()
                    protocol.lost.await()
                }
                protocol.transport.toString() shouldBe "<ChannelTransport $near to $far closing>"
            }
        }

        test("a channel has one transport") {
            withTransport(::RecordingProtocol) { _, pair, _ ->
                shouldThrow<IllegalStateException> {
                    ChannelTransport(getRunningLoop(), pair.near, RecordingProtocol())
                }
            }
        }

        test("a channel that is not connected has none") {
            onLoop { loop ->
                SocketChannel.open().use {
                    shouldThrow<IllegalStateException> { ChannelTransport(loop, it, RecordingProtocol()) }
                }
            }
        }
    })
