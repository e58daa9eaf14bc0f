// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.loop.RecordedLog
import dev.simul.sleep
import dev.simul.toThread
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.Transport
import dev.simul.wait
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.UnknownHostException
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

private val Transport.peer get() = getExtraInfo("peername") as InetSocketAddress
private val Transport.socket get() = getExtraInfo("socket") as SocketChannel

class CreateConnectionTest :
    FunSpec({
        test("the protocol knows of its connection when the call returns") {
            withListener { listener ->
                onSockets {
                    val (transport, protocol) = createConnection("127.0.0.1", listener.port) { RecordingProtocol() }
                    protocol.events shouldContainExactly listOf("made")
                    protocol.transport shouldBe transport
                    transport.peer.port shouldBe listener.port
                    transport.close()
                    protocol.lost.await() shouldBe null
                    protocol.events shouldContainExactly listOf("made", "lost")
                }
            }
        }

        test("the addresses of a name are tried in turn") {
            withListener("127.0.0.2") { listener ->
                onSockets {
                    resolving("several.test" to listOf("127.0.0.1", "127.0.0.2", "127.0.0.3"))
                    val (transport) = createConnection("several.test", listener.port) { RecordingProtocol() }
                    transport.peer shouldBe InetSocketAddress("127.0.0.2", listener.port)
                    transport.close()
                }
            }
        }

        test("the addresses of a name race, if the options say so") {
            withListener("127.0.0.3") { listener ->
                onSockets {
                    resolving("several.test" to listOf("127.0.0.1", "127.0.0.2", "127.0.0.3"))
                    val options = ConnectionOptions(happyEyeballsDelay = 10.milliseconds)
                    val (transport) = createConnection("several.test", listener.port, options) { RecordingProtocol() }
                    transport.peer shouldBe InetSocketAddress("127.0.0.3", listener.port)
                    transport.close()
                }
            }
        }

        test("an address that does not answer is overtaken, and its channel closed") {
            withFullBacklog("127.0.0.1") { port ->
                ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.2", port)).use {
                    onSockets {
                        resolving("slow.test" to listOf("127.0.0.1", "127.0.0.2"))
                        val options = ConnectionOptions(happyEyeballsDelay = 50.milliseconds)
                        val (transport) = createConnection("slow.test", port, options) { RecordingProtocol() }
                        transport.peer.hostString shouldBe "127.0.0.2"
                        transport.close()
                    }
                }
            }
        }

        test("a cancellation closes the channel, and there is no protocol") {
            withFullBacklog("127.0.0.1") { port ->
                onSockets {
                    var protocols = 0
                    for (delay in listOf(null, 1.milliseconds)) {
                        resolving("slow.test" to listOf("127.0.0.1", "127.0.0.1"))
                        val connecting =
                            createTask {
                                createConnection("slow.test", port, ConnectionOptions(happyEyeballsDelay = delay)) {
                                    RecordingProtocol().also { protocols++ }
                                }
                            }
                        sleep(50.milliseconds)
                        connecting.cancel()
                        shouldThrow<CancelledException> { connecting.await() }
                    }
                    protocols shouldBe 0
                }
            }
        }

        test("a refusal names the address") {
            val port = freePort()
            onSockets {
                val refusal = shouldThrow<ConnectException> { createConnection("127.0.0.1", port) { RecordingProtocol() } }
                refusal.message shouldContain "/127.0.0.1:$port"
            }
        }

        test("several refusals become one, or a group if the options say so") {
            val port = freePort()
            onSockets {
                resolving("several.test" to listOf("127.0.0.1", "127.0.0.2"))
                val refusal = shouldThrow<ConnectException> { createConnection("several.test", port) { RecordingProtocol() } }
                refusal.message shouldStartWith "Multiple exceptions: "
                refusal.suppressed.toList() shouldHaveSize 2
                val options = ConnectionOptions(allErrors = true)
                shouldThrow<ExceptionGroup> { createConnection("several.test", port, options) { RecordingProtocol() } }
                    .exceptions shouldHaveSize 2
            }
        }

        test("it connects from the local address and port of the options") {
            withListener { listener ->
                val port = freePort("127.0.0.9")
                onSockets {
                    val options = ConnectionOptions(localAddress = InetAddress.getByName("127.0.0.9"), localPort = port)
                    val (transport) = createConnection("127.0.0.1", listener.port, options) { RecordingProtocol() }
                    transport.getExtraInfo("sockname") shouldBe InetSocketAddress("127.0.0.9", port)
                    transport.abort()
                }
            }
        }

        test("a local address of another family reaches nothing") {
            onSockets {
                val options = ConnectionOptions(localAddress = InetAddress.getByName("::1"))
                shouldThrow<BindException> { createConnection("127.0.0.1", 1, options) { RecordingProtocol() } }
                    .message shouldContain "no matching local address with family INET found"
            }
        }

        test("a local address that is taken is named") {
            withListener { listener ->
                onSockets {
                    val options = ConnectionOptions(localAddress = LOOPBACK_ADDRESS, localPort = listener.port)
                    shouldThrow<BindException> { createConnection("127.0.0.1", listener.port, options) { RecordingProtocol() } }
                        .message shouldContain "error while attempting to bind on address /127.0.0.1:${listener.port}"
                }
            }
        }

        test("only addresses of the family asked for are tried") {
            withListener { listener ->
                onSockets {
                    resolving("both.test" to listOf("::1", "127.0.0.1"))
                    val options = ConnectionOptions(family = StandardProtocolFamily.INET)
                    val (transport) = createConnection("both.test", listener.port, options) { RecordingProtocol() }
                    transport.peer.hostString shouldBe "127.0.0.1"
                    transport.close()
                }
            }
        }

        test("IPv6 is spoken").config(enabled = HAS_IPV6) {
            withListener("::1") { listener ->
                onSockets {
                    val (transport) = createConnection("::1", listener.port) { RecordingProtocol() }
                    transport.peer.address shouldBe InetAddress.getByName("::1")
                    transport.close()
                }
            }
        }

        test("a channel that the caller has connected is taken over") {
            withListener { listener ->
                onSockets {
                    val channel = SocketChannel.open(listener.localAddress)
                    val (transport, protocol) = createConnection(channel) { RecordingProtocol() }
                    transport.socket shouldBe channel
                    val accepted = listener.accept()
                    accepted.use { it.write(ByteBuffer.wrap("hello".toByteArray())) }
                    protocol.received { it == "hello" }
                    protocol.lost.await()
                    channel.isOpen shouldBe false
                }
            }
        }

        test("a channel that is not connected is refused") {
            onSockets {
                SocketChannel.open().use { channel ->
                    shouldThrow<IllegalArgumentException> { createConnection(channel) { RecordingProtocol() } }
                        .message shouldContain "is not connected"
                    channel.isOpen shouldBe true
                }
            }
        }

        test("if no protocol can be made the connection is closed") {
            withListener { listener ->
                onSockets {
                    shouldThrow<IllegalStateException> { createConnection("127.0.0.1", listener.port) { error("no protocol") } }
                    toThread { listener.accept().use { it.read(ByteBuffer.allocate(1)) } } shouldBe -1
                }
            }
        }

        test("no channel stays behind, whatever the schedule") {
            ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.2", 0), 500).use { listener ->
                onSockets {
                    resolving("several.test" to listOf("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.2"))
                    val random = Random(1)
                    repeat(100) {
                        val options = ConnectionOptions(happyEyeballsDelay = if (random.nextBoolean()) Duration.ZERO else 1.milliseconds)
                        val connecting = createTask { createConnection("several.test", listener.port, options) { RecordingProtocol() } }
                        repeat(random.nextInt(12)) { sleep(Duration.ZERO) }
                        if (random.nextBoolean()) connecting.cancel()
                        wait(listOf(connecting))
                        if (!connecting.cancelled()) connecting.result().transport.abort()
                    }
                    // Each connection that came to be is gone: its reader finds the end.
                    listener.configureBlocking(false)
                    while (true) {
                        val accepted = listener.accept() ?: break
                        toThread { accepted.use { runCatching { it.read(ByteBuffer.allocate(1)) } } }
                    }
                }
            }
        }

        test("a connection whose maker is cancelled when it is made ends in order") {
            withListener { listener ->
                onSockets {
                    lateinit var connecting: Task<*>

                    class Generous : RecordingProtocol() {
                        var written = 0

                        override fun connectionMade(transport: Transport) {
                            super.connectionMade(transport)
                            while (transport.writeBufferSize == 0) transport.write(ByteArray(1_000_000)).also { written += 1_000_000 }
                            connecting.cancel()
                        }
                    }
                    val protocol = Generous()
                    connecting = createTask { createConnection("127.0.0.1", listener.port) { protocol } }
                    shouldThrow<CancelledException> { connecting.await() }
                    val received = toThread { listener.accept().use { it.socket().getInputStream().readAllBytes().size } }
                    received shouldBe protocol.written
                    protocol.lost.await() shouldBe null
                }
            }
        }

        test("options that cannot be are refused") {
            shouldThrow<IllegalArgumentException> { ConnectionOptions(interleave = -1) }
            shouldThrow<IllegalArgumentException> { ConnectionOptions(happyEyeballsDelay = (-1).milliseconds) }
        }

        test("debug mode logs what was connected") {
            withListener { listener ->
                RecordedLog
                    .during {
                        onSockets(debug = true) {
                            createConnection("127.0.0.1", listener.port) { RecordingProtocol() }.transport.abort()
                        }
                    }.shouldExist { "connected to 127.0.0.1:${listener.port}" in it.message }
            }
        }

        test("a name without addresses is an error of its own") {
            onSockets {
                val options = ConnectionOptions(family = StandardProtocolFamily.INET6)
                shouldThrow<UnknownHostException> { createConnection("127.0.0.1", 1, options) { RecordingProtocol() } }
                    .shouldBeInstanceOf<IOException>()
            }
        }
    })

/** Gives [block] a port of [host] where connections are not answered: as many have queued up as there is room for. */
private fun withFullBacklog(
    host: String,
    block: (Int) -> Unit,
) = ServerSocketChannel.open().bind(InetSocketAddress(host, 0), 1).use { listener ->
    val queued = List(4) { SocketChannel.open().apply { configureBlocking(false) } }
    try {
        queued.forEach { it.connect(listener.localAddress) }
        block(listener.port)
    } finally {
        queued.forEach { it.close() }
    }
}
