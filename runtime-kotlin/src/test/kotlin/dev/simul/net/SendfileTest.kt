// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.shouldRefuse
import dev.simul.sleep
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.transports.ConnectionException
import dev.simul.transports.Protocol
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayOutputStream
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.channels.NonReadableChannelException
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.StandardOpenOption
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

private const val SMALL_BUFFER = 4 * 1024

/** More than the system's buffers take. */
private val DATA = Random(1).nextBytes(1024 * 17 * 64 + 1)

/** Receives all, or no more than [closeAfter] bytes. */
private class Sink(
    private val closeAfter: Int,
) : Protocol {
    private val bytes = ByteArrayOutputStream()
    private lateinit var transport: Transport
    val lost: Future<Unit> = getRunningLoop().createFuture()
    val received: ByteArray get() = bytes.toByteArray()

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteArray) {
        bytes.write(data)
        if (bytes.size() >= closeAfter) transport.close()
    }

    override fun connectionLost(exception: Throwable?) = lost.setResult(Unit)
}

/** A transport that the system cannot send files by. */
private class Opaque(
    transport: Transport,
) : Transport by transport

private class Setup(
    val transport: Transport,
    val protocol: RecordingProtocol,
    val sink: Sink,
)

private fun listener() =
    ServerSocketChannel.open().setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER).bind(InetSocketAddress("127.0.0.1", 0))

private suspend fun EventLoop.withConnection(
    closeAfter: Int = Int.MAX_VALUE,
    block: suspend (Setup) -> Unit,
) {
    val sink = Sink(closeAfter)
    createServer(listener()) { sink }.use { server ->
        val (transport, protocol) = createConnection("127.0.0.1", server.port) { RecordingProtocol() }
        (transport.getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
        transport.setWriteBufferLimits(high = SMALL_BUFFER)
        block(Setup(transport, protocol, sink))
        transport.close()
        sink.lost.await()
    }
}

class SendfileTest :
    FunSpec({
        val path = tempfile().also { it.writeBytes(DATA) }.toPath()
        val empty = tempfile().toPath()

        fun withFile(block: suspend EventLoop.(FileChannel) -> Unit) = FileChannel.open(path).use { file -> onSockets { block(file) } }

        for ((name, way) in mapOf<String, (Transport) -> Transport>("by the system" to { it }, "by reading and writing" to ::Opaque)) {
            context(name) {
                test("all of a file is sent") {
                    withFile { file ->
                        file.position(123)
                        withConnection {
                            sendfile(way(it.transport), file) shouldBe DATA.size
                            it.transport.close()
                            it.sink.lost.await()
                            it.sink.received.contentEquals(DATA) shouldBe true
                            file.position() shouldBe DATA.size
                        }
                    }
                }

                test("a part of a file is sent") {
                    withFile { file ->
                        withConnection {
                            sendfile(way(it.transport), file, 1000, 100) shouldBe 100
                            it.transport.close()
                            it.sink.lost.await()
                            it.sink.received.contentEquals(DATA.copyOfRange(1000, 1100)) shouldBe true
                            file.position() shouldBe 1100
                        }
                    }
                }

                test("a file that ends before the count is sent as far as it goes") {
                    withFile { file ->
                        withConnection {
                            sendfile(way(it.transport), file, DATA.size - 10L, 1000) shouldBe 10
                            file.position() shouldBe DATA.size
                            sendfile(way(it.transport), file, DATA.size.toLong()) shouldBe 0
                            sendfile(way(it.transport), file, DATA.size - 10L, Long.MAX_VALUE) shouldBe 10
                        }
                    }
                }

                test("an empty file is sent, and its position set") {
                    FileChannel.open(empty).use { file ->
                        onSockets {
                            withConnection {
                                sendfile(way(it.transport), file) shouldBe 0
                                file.position() shouldBe 0
                            }
                        }
                    }
                }

                test("what is written before and after keeps its place") {
                    val prefix = Random(2).nextBytes(300_000)
                    val suffix = Random(3).nextBytes(8 * 1024)
                    withFile { file ->
                        withConnection {
                            it.transport.write(prefix)
                            it.protocol.events shouldContainExactly listOf("made", "pause")
                            sendfile(way(it.transport), file) shouldBe DATA.size
                            it.protocol.events shouldContainExactly listOf("made", "pause", "resume")
                            it.transport.write(suffix)
                            it.transport.close()
                            it.sink.lost.await()
                            it.sink.received.contentEquals(prefix + DATA + suffix) shouldBe true
                        }
                    }
                }

                test("nothing is received meanwhile, and all afterwards") {
                    withFile { file ->
                        listener().use { listener ->
                            val (transport, protocol) = createConnection("127.0.0.1", listener.port) { RecordingProtocol() }
                            (transport.getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
                            listener.accept().use { peer ->
                                val sending = createTask { sendfile(way(transport), file) }
                                sleep(Duration.ZERO)
                                transport.isReading shouldBe false
                                sockSendall(peer, "hello".toByteArray())
                                var left = DATA.size
                                while (left > 0) left -= sockRecv(peer, left).size
                                sending.await()
                                transport.isReading shouldBe true
                                protocol.received { it == "hello" }
                                transport.close()
                            }
                        }
                    }
                }

                test("a transport that was paused stays so") {
                    withFile { file ->
                        withConnection {
                            it.transport.pauseReading()
                            sendfile(way(it.transport), file, 0, 10)
                            it.transport.isReading shouldBe false
                            it.transport.protocol shouldBe it.protocol
                        }
                    }
                }

                test("a closing transport is refused") {
                    withFile { file ->
                        withConnection {
                            it.transport.close()
                            shouldRefuse("is closing") { sendfile(way(it.transport), file) }
                            file.position() shouldBe 0
                        }
                    }
                }

                test("a peer that leaves afterwards is no error") {
                    withFile { file ->
                        withConnection(closeAfter = DATA.size) {
                            sendfile(way(it.transport), file) shouldBe DATA.size
                            it.sink.lost.await()
                            it.sink.received.contentEquals(DATA) shouldBe true
                        }
                    }
                }

                test("a peer that leaves in the middle is an error, and the position tells how far it went") {
                    withFile { file ->
                        withConnection(closeAfter = 1024) {
                            shouldThrow<ConnectionException> { sendfile(way(it.transport), file) }
                            it.sink.lost.await()
                            it.sink.received.size shouldBeInRange (1024 until DATA.size)
                            // What was written and not drained does not count.
                            file.position() shouldBeInRange (0L until DATA.size)
                            it.transport.isClosing shouldBe true
                            it.protocol.lost.await()
                        }
                    }
                }

                test("aborting the transport is an error of the sending") {
                    withFile { file ->
                        listener().use { listener ->
                            val (transport, protocol) = createConnection("127.0.0.1", listener.port) { RecordingProtocol() }
                            (transport.getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
                            transport.setWriteBufferLimits(high = SMALL_BUFFER)
                            listener.accept().use {
                                val sending = createTask { sendfile(way(transport), file) }
                                while (transport.isReading) sleep(Duration.ZERO)
                                sleep(20.milliseconds)
                                transport.abort()
                                shouldThrow<ConnectionException> { sending.await() }
                                protocol.lost.await() shouldBe null
                            }
                        }
                    }
                }

                test("a cancellation ends it, and the position tells how far it went") {
                    withFile { file ->
                        listener().use { listener ->
                            val (transport, protocol) = createConnection("127.0.0.1", listener.port) { RecordingProtocol() }
                            val channel = transport.getExtraInfo("socket") as SocketChannel
                            channel.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
                            listener.accept().use { peer ->
                                val sending = createTask { sendfile(way(transport), file) }
                                while (transport.isReading) sleep(Duration.ZERO)
                                sleep(5.milliseconds)
                                sending.cancel()
                                shouldThrow<CancelledException> { sending.await() }
                                file.position() shouldBeInRange (0L until DATA.size)
                                transport.isReading shouldBe true
                                sockSendall(peer, "still here".toByteArray())
                                protocol.received { it == "still here" }
                                transport.abort()
                            }
                        }
                    }
                }

                test("ranges that cannot be are refused") {
                    withFile { file ->
                        withConnection {
                            shouldThrow<IllegalArgumentException> {
                                sendfile(
                                    way(it.transport),
                                    file,
                                    -1,
                                )
                            }.message shouldContain "offset is -1"
                            shouldThrow<IllegalArgumentException> {
                                sendfile(
                                    way(it.transport),
                                    file,
                                    0,
                                    0,
                                )
                            }.message shouldContain "count is 0"
                        }
                    }
                }
            }
        }

        test("nothing can be written while the system sends a file") {
            withFile { file ->
                withConnection {
                    val sending = createTask { sendfile(it.transport, file) }
                    sleep(Duration.ZERO)
                    shouldRefuse("sendfile is in progress") { it.transport.write(ByteArray(1)) }
                    shouldRefuse("sendfile is in progress") { it.transport.writeEof() }
                    shouldRefuse("sendfile is in progress") { sendfile(it.transport, file) }
                    sending.await() shouldBe DATA.size
                    it.transport.writeEof()
                    shouldRefuse("after writeEof()") { sendfile(it.transport, file) }
                }
            }
        }

        test("without a fallback only the system sends files") {
            withFile { file ->
                withConnection {
                    sendfile(it.transport, file, 0, 10, fallback = false) shouldBe 10
                    shouldThrow<SendfileNotAvailableException> { sendfile(Opaque(it.transport), file, fallback = false) }
                        .message shouldContain "fallback is disabled"
                }
            }
        }

        context("sockSendfile") {
            fun withChannel(block: suspend EventLoop.(SocketChannel, Sink) -> Unit) =
                onSockets {
                    val sink = Sink(Int.MAX_VALUE)
                    createServer(listener()) { sink }.use { server ->
                        SocketChannel.open().use { channel ->
                            sockConnect(channel, server.addresses.single())
                            channel.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
                            block(channel, sink)
                        }
                        sink.lost.await()
                    }
                }

            test("sends a file, between what is sent otherwise") {
                val around = Random(4).nextBytes(64 * 1024)
                FileChannel.open(path).use { file ->
                    withChannel { channel, sink ->
                        sockSendall(channel, around)
                        sockSendfile(channel, file) shouldBe DATA.size
                        sockSendall(channel, around)
                        channel.close()
                        sink.lost.await()
                        sink.received.contentEquals(around + DATA + around) shouldBe true
                        file.position() shouldBe DATA.size
                    }
                }
            }

            test("sends a part of a file") {
                FileChannel.open(path).use { file ->
                    withChannel { channel, sink ->
                        sockSendfile(channel, file, 1000, 2000) shouldBe 2000
                        channel.close()
                        sink.lost.await()
                        sink.received.contentEquals(DATA.copyOfRange(1000, 3000)) shouldBe true
                        file.position() shouldBe 3000
                    }
                }
            }

            test("refuses ranges that cannot be, and the channel of a transport") {
                FileChannel.open(path).use { file ->
                    withChannel { channel, _ ->
                        shouldThrow<IllegalArgumentException> { sockSendfile(channel, file, -1) }
                        shouldThrow<IllegalArgumentException> { sockSendfile(channel, file, 0, -1) }
                    }
                    onSockets {
                        withConnection {
                            shouldRefuse("is used by") { sockSendfile(it.transport.getExtraInfo("socket") as SocketChannel, file) }
                        }
                    }
                }
            }

            test("ends when it is cancelled, and the position tells how far it went") {
                FileChannel.open(path).use { file ->
                    onSockets {
                        listener().use { listener ->
                            SocketChannel.open().use { channel ->
                                channel.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER)
                                sockConnect(channel, listener.localAddress)
                                listener.accept().use {
                                    val sending = createTask { sockSendfile(channel, file) }
                                    repeat(3) { sleep(Duration.ZERO) }
                                    sending.cancel()
                                    shouldThrow<CancelledException> { sending.await() }
                                    file.position() shouldBeInRange (1L until DATA.size)
                                }
                            }
                        }
                    }
                }
            }

            test("a file that cannot be read is an error, which leaves the channel alone") {
                FileChannel.open(empty, StandardOpenOption.WRITE).use { file ->
                    withChannel { channel, _ ->
                        file.write(ByteBuffer.allocate(10))
                        shouldThrow<NonReadableChannelException> { sockSendfile(channel, file) }
                        file.truncate(0)
                        sockSendall(channel, ByteArray(1))
                    }
                }
            }
        }

        test("over TLS a file is sent by reading and writing, in its place among what is written") {
            withFile { file ->
                val sink = Sink(Int.MAX_VALUE)
                createServer("127.0.0.1", 0, ServerOptions(ssl = serverContext())) { sink }.use { server ->
                    val options = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
                    val (transport, _) = createConnection("127.0.0.1", server.port, options) { RecordingProtocol() }
                    shouldThrow<SendfileNotAvailableException> { sendfile(transport, file, fallback = false) }
                    transport.write("before".encodeToByteArray())
                    sendfile(transport, file) shouldBe DATA.size
                    transport.write("after".encodeToByteArray())
                    transport.close()
                    sink.lost.await()
                    sink.received.contentEquals("before".encodeToByteArray() + DATA + "after".encodeToByteArray()) shouldBe true
                }
            }
        }
    })
