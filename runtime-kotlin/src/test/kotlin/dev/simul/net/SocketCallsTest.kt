// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.addReader
import dev.simul.loop.removeReader
import dev.simul.shouldRefuse
import dev.simul.sleep
import dev.simul.transports.ConnectionException
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.PortUnreachableException
import java.net.SocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Two ends of a connection, for [block]. */
private inline fun <R> withPair(block: (SocketChannel, SocketChannel) -> R): R =
    withListener { listener ->
        SocketChannel.open(listener.localAddress).use { near -> listener.accept().use { far -> block(near, far) } }
    }

private inline fun <R> withDatagrams(block: (DatagramChannel, DatagramChannel) -> R): R =
    DatagramChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).use { near ->
        DatagramChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).use { far -> block(near, far) }
    }

/** Gives the others their turn until they must wait. */
private suspend fun letWait() = repeat(5) { sleep(Duration.ZERO) }

class SocketCallsTest :
    FunSpec({
        context("sockRecv") {
            test("takes what is there at once, and no more than was asked for") {
                onSockets {
                    withPair { near, far ->
                        far.write(ByteBuffer.wrap("hello".toByteArray()))
                        String(sockRecv(near, 3)) shouldBe "hel"
                        String(sockRecv(near, 100)) shouldBe "lo"
                    }
                }
            }

            test("waits for what comes later") {
                onSockets {
                    withPair { near, far ->
                        val receiving = createTask { String(sockRecv(near, 100)) }
                        letWait()
                        receiving.done() shouldBe false
                        sockSendall(far, "later".toByteArray())
                        receiving.await() shouldBe "later"
                        removeReader(near) shouldBe false
                    }
                }
            }

            test("gives nothing at the end, and for nothing") {
                onSockets {
                    withPair { near, far ->
                        sockRecv(near, 0).size shouldBe 0
                        far.close()
                        sockRecv(near, 100).size shouldBe 0
                        shouldThrow<IllegalArgumentException> { sockRecv(near, -1) }
                    }
                }
            }

            test("fills the caller's buffer") {
                onSockets {
                    withPair { near, far ->
                        val buffer = ByteBuffer.allocate(5).put('>'.code.toByte())
                        far.write(ByteBuffer.wrap("hello".toByteArray()))
                        sockRecvInto(near, buffer) shouldBe 4
                        String(buffer.array()) shouldBe ">hell"
                        sockRecvInto(near, buffer) shouldBe 0
                        far.close()
                        sockRecvInto(near, ByteBuffer.allocate(5)) shouldBe 1
                        sockRecvInto(near, ByteBuffer.allocate(5)) shouldBe 0
                    }
                }
            }

            test("a cancellation ends the wait, and loses nothing") {
                onSockets {
                    withPair { near, far ->
                        val receiving = createTask { sockRecv(near, 100) }
                        letWait()
                        receiving.cancel()
                        shouldThrow<CancelledException> { receiving.await() }
                        removeReader(near) shouldBe false
                        far.write(ByteBuffer.wrap("kept".toByteArray()))
                        String(sockRecv(near, 100)) shouldBe "kept"
                    }
                }
            }

            test("a second one that must wait too is refused, and the first goes on") {
                onSockets {
                    withPair { near, far ->
                        val first = createTask { String(sockRecv(near, 100)) }
                        letWait()
                        shouldRefuse("two readers would take each other's data") { sockRecv(near, 100) }
                        far.write(ByteBuffer.wrap("first".toByteArray()))
                        first.await() shouldBe "first"
                    }
                }
            }

            test("a reader that replaces it stays when the call is cancelled") {
                onSockets {
                    withPair { near, far ->
                        val events = mutableListOf<String>()
                        val receiving = createTask { sockRecv(near, 100) }
                        letWait()
                        addReader(near) { events += "readable" }
                        receiving.cancel()
                        letWait()
                        far.write(ByteBuffer.wrap("x".toByteArray()))
                        while (events.isEmpty()) sleep(1.milliseconds)
                        removeReader(near) shouldBe true
                    }
                }
            }

            test("a connection that was reset is told as such") {
                onSockets {
                    withPair { near, far ->
                        far.setOption(StandardSocketOptions.SO_LINGER, 0)
                        far.close()
                        shouldThrow<ConnectionResetException> { sockRecv(near, 100) }
                    }
                }
            }

            test("the channel of a transport is refused") {
                onSockets {
                    withListener { listener ->
                        val (transport) = createConnection("127.0.0.1", listener.port) { RecordingProtocol() }
                        val channel = transport.getExtraInfo("socket") as SocketChannel
                        shouldRefuse("is used by") { sockRecv(channel, 1) }
                        shouldRefuse("is used by") { sockSendall(channel, ByteArray(1)) }
                        shouldRefuse("is used by") { sockConnect(channel, listener.localAddress) }
                        transport.abort()
                    }
                }
            }

            test("a pipe is received from and sent to as well") {
                onSockets {
                    val pipe = Pipe.open()
                    val receiving = createTask { String(sockRecv(pipe.source(), 100)) }
                    letWait()
                    sockSendall(pipe.sink(), "through".toByteArray())
                    receiving.await() shouldBe "through"
                    pipe.sink().close()
                    sockRecv(pipe.source(), 1).size shouldBe 0
                    pipe.source().close()
                }
            }
        }

        context("sockSendall") {
            test("sends all, however long the peer takes") {
                onSockets {
                    withPair { near, far ->
                        val data = ByteArray(5_000_000) { it.toByte() }
                        val sending = createTask { sockSendall(near, data) }
                        letWait()
                        sending.done() shouldBe false
                        val received = ByteBuffer.allocate(data.size)
                        while (received.hasRemaining()) sockRecvInto(far, received)
                        sending.await()
                        received.array().contentEquals(data) shouldBe true
                    }
                }
            }

            test("a cancellation leaves the position behind what was sent") {
                onSockets {
                    withPair { near, far ->
                        val data = ByteBuffer.allocate(20_000_000)
                        val sending = createTask { sockSendall(near, data) }
                        letWait()
                        sending.cancel()
                        shouldThrow<CancelledException> { sending.await() }
                        near.close()
                        var received = 0
                        val buffer = ByteBuffer.allocate(100_000)
                        while (true) {
                            val count = sockRecvInto(far, buffer.clear())
                            if (count == 0) break
                            received += count
                        }
                        received shouldBe data.position()
                    }
                }
            }

            test("a peer that is gone is an error") {
                onSockets {
                    withPair { near, far ->
                        far.close()
                        shouldThrow<ConnectionException> { repeat(1000) { sockSendall(near, ByteArray(100_000)) } }
                    }
                }
            }
        }

        context("sockConnect and sockAccept") {
            test("meet") {
                onSockets {
                    withListener { listener ->
                        val accepting = createTask { sockAccept(listener) }
                        letWait()
                        SocketChannel.open().use { channel ->
                            sockConnect(channel, listener.localAddress)
                            accepting.await().use { accepted ->
                                accepted.remoteAddress shouldBe channel.localAddress
                                accepted.isBlocking shouldBe false
                                channel.isBlocking shouldBe false
                            }
                        }
                    }
                }
            }

            test("a host that is a name is looked up") {
                onSockets {
                    withListener { listener ->
                        resolving("named.test" to listOf("127.0.0.1"))
                        SocketChannel.open().use { channel ->
                            sockConnect(channel, InetSocketAddress.createUnresolved("named.test", listener.port))
                            channel.remoteAddress shouldBe listener.localAddress
                        }
                    }
                }
            }

            test("a refusal names the address") {
                val port = freePort()
                onSockets {
                    SocketChannel.open().use { channel ->
                        shouldThrow<ConnectException> { sockConnect(channel, InetSocketAddress("127.0.0.1", port)) }
                            .message shouldContain "Connect call failed for /127.0.0.1:$port"
                    }
                }
            }

            test("a cancelled accept leaves the connection to the next one") {
                onSockets {
                    withListener { listener ->
                        val accepting = createTask { sockAccept(listener) }
                        letWait()
                        shouldRefuse("waited for already") { sockAccept(listener) }
                        accepting.cancel()
                        shouldThrow<CancelledException> { accepting.await() }
                        SocketChannel.open(listener.localAddress).use { sockAccept(listener).close() }
                    }
                }
            }

            test("a server's channel is refused") {
                onSockets {
                    val channel = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
                    createServer(channel) { RecordingProtocol() }.use { shouldRefuse("is used by <Server") { sockAccept(channel) } }
                }
            }

            test("many connections go both ways at once") {
                onSockets {
                    withListener { listener ->
                        val serving =
                            createTask {
                                List(20) { sockAccept(listener) }.map { channel ->
                                    createTask {
                                        channel.use {
                                            while (true) {
                                                sockRecv(it, 7).also { data ->
                                                    if (data.isEmpty()) return@use else sockSendall(channel, data)
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        val echoes =
                            gather(
                                List(20) { number ->
                                    createTask {
                                        SocketChannel.open().use { channel ->
                                            sockConnect(channel, listener.localAddress)
                                            sockSendall(channel, "I am number $number".toByteArray())
                                            channel.shutdownOutput()
                                            var answer = ""
                                            while (true) answer += String(sockRecv(channel, 100)).ifEmpty { break }
                                            answer
                                        }
                                    }
                                },
                            ).await()
                        echoes shouldContainExactly List(20) { "I am number $it" }
                        serving.await().forEach { it.await() }
                    }
                }
            }
        }

        context("datagrams") {
            test("go to and fro") {
                onSockets {
                    withDatagrams { near, far ->
                        val receiving = createTask { sockRecvfrom(far, 100) }
                        letWait()
                        sockSendto(near, "hello".toByteArray(), far.localAddress) shouldBe 5
                        val (data, address) = receiving.await()
                        String(data) shouldBe "hello"
                        address shouldBe near.localAddress
                        val buffer = ByteBuffer.allocate(10)
                        sockSendto(far, "answer".toByteArray(), address)
                        sockRecvfromInto(near, buffer) shouldBe far.localAddress
                        String(buffer.array(), 0, buffer.position()) shouldBe "answer"
                    }
                }
            }

            test("may be empty, and are cut off where the room ends") {
                onSockets {
                    withDatagrams { near, far ->
                        sockSendto(near, ByteArray(0), far.localAddress) shouldBe 0
                        sockRecvfrom(far, 10).data.size shouldBe 0
                        sockSendto(near, ByteArray(20), far.localAddress) shouldBe 20
                        sockRecvfrom(far, 10).data.size shouldBe 10
                        shouldThrow<IllegalArgumentException> { sockRecvfrom(far, -1) }
                    }
                }
            }

            test("a second receiver that must wait too is refused, and a cancellation makes room") {
                onSockets {
                    withDatagrams { near, far ->
                        val receiving = createTask { sockRecvfrom(far, 100) }
                        letWait()
                        shouldRefuse("waited for already") { sockRecvfrom(far, 100) }
                        receiving.cancel()
                        shouldThrow<CancelledException> { receiving.await() }
                        sockSendto(near, ByteArray(1), far.localAddress)
                        sockRecvfrom(far, 100).data.size shouldBe 1
                    }
                }
            }

            test("that nobody listens is an error of a connected channel") {
                val nobody: SocketAddress = DatagramChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).use { it.localAddress }
                onSockets {
                    DatagramChannel.open().connect(nobody).use { channel ->
                        sockSendto(channel, ByteArray(1), nobody)
                        shouldThrow<PortUnreachableException> { sockRecvfrom(channel, 1) }
                    }
                }
            }

            test("that they are too large is an error") {
                onSockets {
                    withDatagrams { near, far -> shouldThrow<IOException> { sockSendto(near, ByteArray(70_000), far.localAddress) } }
                }
            }
        }
    })
