// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.Future
import dev.simul.SingleWaiter
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.transports.DatagramChannelTransport
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.DatagramTransport
import dev.simul.transports.WriteBufferLimits
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.PortUnreachableException
import java.net.SocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import kotlin.time.Duration

private val ANY_PORT = InetSocketAddress("127.0.0.1", 0)

/** Records what its transport tells it. */
private class Mailbox(
    private val loop: EventLoop = getRunningLoop(),
) : DatagramProtocol {
    val events = mutableListOf<String>()
    val senders = mutableListOf<SocketAddress>()
    val errors = mutableListOf<IOException>()
    val lost: Future<Throwable?> = loop.createFuture()
    private var news = loop.createFuture<Unit>()

    private fun record(event: String) {
        events += event
        news.setResult(Unit)
        news = loop.createFuture()
    }

    suspend fun await(condition: () -> Boolean) {
        while (!condition()) news.await()
    }

    override fun connectionMade(transport: DatagramTransport) = record("made")

    override fun datagramReceived(
        data: ByteArray,
        addr: SocketAddress,
    ) {
        senders += addr
        record("got '${String(data)}'")
    }

    override fun errorReceived(exception: IOException) {
        errors += exception
        record("error")
    }

    override fun pauseWriting() = record("pause")

    override fun resumeWriting() = record("resume")

    override fun connectionLost(exception: Throwable?) {
        record("lost")
        lost.setResult(exception)
    }
}

private val DatagramTransport.name get() = getExtraInfo("sockname") as InetSocketAddress

private suspend fun mailbox(local: InetSocketAddress? = ANY_PORT) = getRunningLoop().createDatagramEndpoint(local) { Mailbox() }

/** A system that takes nothing as long as it [isFull], which it hardly ever is. */
private class Congestion {
    private val channel = getRunningLoop().selectorProvider.openDatagramChannel().bind(ANY_PORT)
    var isFull = true
    var failure: IOException? = null

    private fun send(
        data: ByteBuffer,
        target: SocketAddress,
    ): Int {
        failure?.let {
            failure = null
            throw it
        }
        return if (isFull) 0 else channel.send(data, target)
    }

    suspend fun endpoint(): Connection<DatagramTransport, Mailbox> {
        val loop = getRunningLoop()
        val protocol = Mailbox()
        val transport = DatagramChannelTransport(loop, channel, protocol, null, ::send)
        SingleWaiter(loop, "connectionMade", transport).also(transport::start).await()
        return Connection(transport, protocol)
    }
}

internal class DatagramTest : DatagramBehaviour(Networks.REAL)

internal class DatagramInMemoryTest : DatagramBehaviour(Networks.MEMORY)

/** What datagrams do, whatever carries them. */
internal abstract class DatagramBehaviour(
    network: Networks,
) : FunSpec({
        fun onSockets(body: suspend EventLoop.() -> Unit) = network.onLoop(body)

        test("datagrams go to and fro, each as a whole") {
            onSockets {
                val (server, received) = mailbox()
                val (client, answers) = createDatagramEndpoint(remoteAddr = server.name) { Mailbox() }
                received.events shouldContainExactly listOf("made")
                client.getExtraInfo("peername") shouldBe server.name
                client.sendto("hello".toByteArray())
                client.sendto("world".toByteArray(), server.name)
                received.await { received.senders.size == 2 }
                received.events shouldContainExactly listOf("made", "got 'hello'", "got 'world'")
                server.sendto("answer".toByteArray(), received.senders.first())
                answers.await { answers.senders.size == 1 }
                answers.senders shouldContainExactly listOf(server.name)
                client.close()
                answers.lost.await() shouldBe null
                answers.events shouldContainExactly listOf("made", "got 'answer'", "lost")
                server.close()
                received.lost.await() shouldBe null
            }
        }

        test("IPv6 is spoken").config(enabled = HAS_IPV6) {
            onSockets {
                val (server, received) = mailbox(InetSocketAddress("::1", 0))
                val (client) = createDatagramEndpoint(remoteAddr = server.name) { Mailbox() }
                client.sendto("six".toByteArray())
                received.await { "got 'six'" in received.events }
                client.abort()
                server.abort()
            }
        }

        test("an empty datagram is sent too") {
            onSockets {
                val (server, received) = mailbox()
                val (client) = mailbox()
                client.sendto(ByteArray(0), server.name)
                received.await { received.senders.isNotEmpty() }
                received.events shouldContainExactly listOf("made", "got ''")
                val (connected) = createDatagramEndpoint(remoteAddr = server.name) { Mailbox() }
                shouldThrow<UnsupportedOperationException> { connected.sendto(ByteArray(0)) }
            }
        }

        test("a large datagram comes as a whole, and one that is too large is an error") {
            onSockets {
                val (server, received) = mailbox()
                val (client, sent) = mailbox()
                client.sendto("x".repeat(60_000).toByteArray(), server.name)
                received.await { received.senders.isNotEmpty() }
                received.events.last().length shouldBe "got ''".length + 60_000
                client.sendto(ByteArray(70_000), server.name)
                sent.errors.single().message shouldContain "too long"
                client.isClosing shouldBe false
            }
        }

        test("that nobody listens is an error of a connected endpoint, which stays open") {
            onSockets {
                val (gone) = mailbox()
                val nobody = gone.name
                gone.abort()
                sleep(Duration.ZERO)
                sleep(Duration.ZERO)
                val (client, events) = createDatagramEndpoint(remoteAddr = nobody) { Mailbox() }
                client.sendto("hello?".toByteArray())
                events.await { events.errors.isNotEmpty() }
                events.errors.single().shouldBeInstanceOf<PortUnreachableException>()
                client.isClosing shouldBe false
                val (back, received) = mailbox(nobody)
                client.sendto("hello!".toByteArray())
                received.await { received.senders.isNotEmpty() }
                back.abort()
                client.abort()
            }
        }

        test("a broadcast endpoint is not connected, and hears any answer") {
            onSockets {
                val (server, received) = mailbox(InetSocketAddress("0.0.0.0", 0))
                val everybody = InetSocketAddress("127.255.255.255", server.name.port)
                val (client, answers) = createDatagramEndpoint(remoteAddr = everybody, allowBroadcast = true) { Mailbox() }
                client.getExtraInfo("peername") shouldBe null
                client.sendto("anybody?".toByteArray())
                received.await { received.senders.isNotEmpty() }
                server.sendto("me".toByteArray(), InetSocketAddress("127.0.0.1", (received.senders.single() as InetSocketAddress).port))
                answers.await { "got 'me'" in answers.events }
                shouldThrow<IllegalArgumentException> {
                    client.sendto(
                        "you".toByteArray(),
                        ANY_PORT,
                    )
                }.message shouldContain "must be null or"
            }
        }

        test("without leave to broadcast it is an error") {
            onSockets {
                val (client, events) = mailbox()
                client.sendto("anybody?".toByteArray(), InetSocketAddress("127.255.255.255", 9))
                events.errors.size shouldBe 1
            }
        }

        test("addresses that cannot be are refused") {
            onSockets {
                shouldThrow<IllegalArgumentException> {
                    createDatagramEndpoint { Mailbox() }
                }.message shouldContain "unexpected address family"
                shouldThrow<IllegalArgumentException> {
                    createDatagramEndpoint(family = StandardProtocolFamily.UNIX) { Mailbox() }
                }
                shouldThrow<IllegalArgumentException> {
                    createDatagramEndpoint(ANY_PORT, InetSocketAddress("::1", 9)) { Mailbox() }
                }.message shouldContain "can not get address information"
                shouldThrow<IllegalArgumentException> {
                    createDatagramEndpoint(
                        ANY_PORT,
                        family = StandardProtocolFamily.INET6,
                    ) { Mailbox() }
                }

                val (server) = mailbox()
                val (client) = createDatagramEndpoint(remoteAddr = server.name) { Mailbox() }
                shouldThrow<IllegalArgumentException> { client.sendto(ByteArray(1), InetSocketAddress("127.0.0.2", 9)) }
                    .message shouldContain "must be null or ${server.name}"
                shouldThrow<IllegalArgumentException> { server.sendto(ByteArray(1)) }.message shouldContain "has no remote address"
                shouldThrow<IllegalArgumentException> { server.sendto(ByteArray(1), InetSocketAddress.createUnresolved("x", 9)) }
                    .message shouldContain "has no IP address"
            }
        }

        test("an address of the wrong family is an error of the datagram") {
            onSockets {
                val (client, events) = mailbox()
                client.sendto(ByteArray(1), InetSocketAddress("::1", 9))
                events.errors.single().message shouldContain "Address family not supported"
            }
        }

        test("names are looked up, and families paired") {
            onSockets {
                resolving("local.test" to listOf("::1", "127.0.0.1"), "remote.test" to listOf("127.0.0.2"))
                val (server, received) = mailbox(InetSocketAddress("127.0.0.2", 0))
                val (client) =
                    createDatagramEndpoint(
                        InetSocketAddress.createUnresolved("local.test", 0),
                        InetSocketAddress.createUnresolved("remote.test", server.name.port),
                    ) { Mailbox() }
                client.name.address shouldBe InetAddress.getByName("127.0.0.1")
                client.sendto("hello".toByteArray())
                received.await { received.senders.isNotEmpty() }
            }
        }

        test("the next pair of addresses is tried if one cannot be bound, and the first failure is thrown if none can") {
            onSockets {
                resolving("moved.test" to listOf("::2", "127.0.0.1"), "gone.test" to listOf("203.0.113.1", "::2"))
                mailbox(InetSocketAddress.createUnresolved("moved.test", 0)).transport.name.address shouldBe LOOPBACK_ADDRESS
                shouldThrow<BindException> {
                    mailbox(
                        InetSocketAddress.createUnresolved("gone.test", 0),
                    )
                }.message shouldContain "/203.0.113.1:0"
            }
        }

        test("an endpoint of a family alone is bound to any port") {
            onSockets {
                val (client) = createDatagramEndpoint(family = StandardProtocolFamily.INET) { Mailbox() }
                client.name.port shouldNotBe 0
                val (server, received) = mailbox()
                client.sendto("hello".toByteArray(), server.name)
                received.await { received.senders.isNotEmpty() }
            }
        }

        test("two endpoints share a port if both ask for it") {
            onSockets {
                val (first) = createDatagramEndpoint(ANY_PORT, reusePort = true) { Mailbox() }
                val (second) = createDatagramEndpoint(first.name, reusePort = true) { Mailbox() }
                second.name shouldBe first.name
                (second.getExtraInfo("socket") as DatagramChannel).getOption(StandardSocketOptions.SO_REUSEPORT) shouldBe true
                shouldThrow<BindException> { mailbox(first.name) }
            }
        }

        test("a channel that the caller has made is taken over") {
            onSockets {
                val channel = selectorProvider.openDatagramChannel().bind(ANY_PORT)
                val (server, received) = createDatagramEndpoint(channel) { Mailbox() }
                server.getExtraInfo("socket") shouldBe channel
                val connected = selectorProvider.openDatagramChannel().connect(channel.localAddress)
                createDatagramEndpoint(connected) { Mailbox() }.transport.sendto("hello".toByteArray())
                received.await { "got 'hello'" in received.events }
                server.abort()
                received.lost.await()
                channel.isOpen shouldBe false
            }
        }

        test("if no protocol can be made the channel is closed") {
            onSockets {
                val channel = selectorProvider.openDatagramChannel().bind(ANY_PORT)
                shouldThrow<IllegalStateException> { createDatagramEndpoint(channel) { error("no protocol") } }
                channel.isOpen shouldBe false
            }
        }

        test("a cancelled creation closes the channel") {
            onSockets {
                val channel = selectorProvider.openDatagramChannel().bind(ANY_PORT)
                val creating = createTask { createDatagramEndpoint(channel) { Mailbox() } }
                sleep(Duration.ZERO)
                creating.cancel()
                shouldThrow<CancelledException> { creating.await() }
                channel.isOpen shouldBe false
            }
        }

        test("a protocol that fails is reported, and the endpoint goes on") {
            onSockets {
                val reports = recordReports()
                val later = createFuture<String>()
                val fails =
                    object : DatagramProtocol {
                        override fun datagramReceived(
                            data: ByteArray,
                            addr: SocketAddress,
                        ) = if (reports.isEmpty()) error("test") else later.setResult(String(data))
                    }
                val (server) = createDatagramEndpoint(ANY_PORT) { fails }
                val (client) = mailbox()
                client.sendto("first".toByteArray(), server.name)
                while (reports.isEmpty()) sleep(Duration.ZERO)
                client.sendto("second".toByteArray(), server.name)
                later.await() shouldBe "second"
                reports.single().exception?.message shouldBe "test"
            }
        }

        context("when the system takes nothing") {
            test("datagrams wait, and count for eight bytes more than they have") {
                onSockets {
                    val (server, received) = mailbox()
                    val system = Congestion()
                    val (client, events) = system.endpoint()
                    client.setWriteBufferLimits(high = 20, low = 10)
                    client.writeBufferLimits shouldBe WriteBufferLimits(10, 20)
                    val buffer = "first".toByteArray()
                    client.sendto(buffer, server.name)
                    buffer.fill(0)
                    client.writeBufferSize shouldBe 13
                    client.sendto("second".toByteArray(), server.name)
                    client.writeBufferSize shouldBe 27
                    events.events shouldContainExactly listOf("made", "pause")
                    system.isFull = false
                    received.await { received.senders.size == 2 }
                    received.events shouldContainExactly listOf("made", "got 'first'", "got 'second'")
                    client.writeBufferSize shouldBe 0
                    events.events shouldContainExactly listOf("made", "pause", "resume")
                }
            }

            test("the end is told once, though the protocol closes when it may send again") {
                onSockets {
                    val reports = recordReports()
                    val (server) = mailbox()
                    val system = Congestion()
                    val (client, events) = system.endpoint()
                    client.protocol =
                        object : DatagramProtocol by events {
                            override fun resumeWriting() = client.close()
                        }
                    client.setWriteBufferLimits(high = 0)
                    client.sendto("last".toByteArray(), server.name)
                    system.isFull = false
                    events.lost.await()
                    repeat(10) { sleep(Duration.ZERO) }
                    events.events shouldContainExactly listOf("made", "pause", "lost")
                    reports.shouldBeEmpty()
                }
            }

            test("one that was refused is not sent again, though the protocol fails to hear of that") {
                onSockets {
                    val reports = recordReports()
                    val (server, received) = mailbox()
                    val system = Congestion()
                    val (client, events) = system.endpoint()
                    client.protocol =
                        object : DatagramProtocol by events {
                            override fun errorReceived(exception: IOException) = error("test")
                        }
                    client.sendto("refused".toByteArray(), server.name)
                    client.sendto("next".toByteArray(), server.name)
                    system.failure = IOException("refused")
                    system.isFull = false
                    received.await { received.senders.isNotEmpty() }
                    received.events shouldContainExactly listOf("made", "got 'next'")
                    client.writeBufferSize shouldBe 0
                    reports.single().exception?.message shouldBe "test"
                }
            }

            test("close sends them first") {
                onSockets {
                    val (server, received) = mailbox()
                    val system = Congestion()
                    val (client, events) = system.endpoint()
                    client.sendto("last".toByteArray(), server.name)
                    client.close()
                    client.isClosing shouldBe true
                    sleep(Duration.ZERO)
                    events.lost.done() shouldBe false
                    system.isFull = false
                    events.lost.await()
                    received.await { "got 'last'" in received.events }
                }
            }

            test("abort drops them") {
                onSockets {
                    val (server) = mailbox()
                    val (client, events) = Congestion().endpoint()
                    client.sendto("dropped".toByteArray(), server.name)
                    client.abort()
                    client.abort()
                    events.lost.await()
                    client.writeBufferSize shouldBe 0
                    events.events shouldContainExactly listOf("made", "lost")
                }
            }

            test("one that is refused later is an error, and the others are sent") {
                onSockets {
                    val (server, received) = mailbox()
                    val system = Congestion()
                    val (client, events) = system.endpoint()
                    client.sendto("refused".toByteArray(), server.name)
                    client.sendto("sent".toByteArray(), server.name)
                    system.failure = IOException("test")
                    system.isFull = false
                    received.await { "got 'sent'" in received.events }
                    events.errors.map { it.message } shouldContainExactly listOf("test")
                    received.senders.size shouldBe 1
                }
            }
        }

        test("what is sent after the end is dropped, with a warning from the fifth time on") {
            val log =
                RecordedLog.during {
                    onSockets {
                        val (client, events) = mailbox()
                        client.abort()
                        events.lost.await()
                        repeat(3) { client.sendto("dropped".toByteArray(), ANY_PORT) }
                    }
                }
            log.filter { "drops what is sent" in it.message }.shouldBeEmpty()
            val warned =
                RecordedLog.during {
                    onSockets {
                        val (client, events) = mailbox()
                        client.abort()
                        events.lost.await()
                        repeat(5) { client.sendto("dropped".toByteArray(), ANY_PORT) }
                    }
                }
            warned.shouldExist { "drops what is sent" in it.message }
        }

        test("the loop closes endpoints that are open") {
            lateinit var channel: DatagramChannel
            onSockets {
                channel = selectorProvider.openDatagramChannel().bind(ANY_PORT)
                createDatagramEndpoint(channel) { Mailbox() }
            }
            channel.isOpen shouldBe false
        }
    })
