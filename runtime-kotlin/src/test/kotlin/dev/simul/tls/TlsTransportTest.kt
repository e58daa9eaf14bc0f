// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Networks
import dev.simul.net.ServerOptions
import dev.simul.net.until
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WriteBufferLimits
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.ByteBuffer
import javax.net.ssl.SSLException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Receives into a buffer of [room] bytes. */
private class SmallBuffers(
    room: Int,
    private val total: Int,
    done: () -> Unit,
) : BufferedProtocol {
    private val buffer = ByteBuffer.allocate(room)
    private val onDone = done
    val received = StringBuilder()

    override fun getBuffer(sizeHint: Int): ByteBuffer = buffer.clear()

    override fun bufferUpdated(count: Int) {
        check(buffer.position() == count)
        repeat(count) { received.append(buffer.get(it).toInt().toChar()) }
        if (received.length == total) onDone()
    }
}

private fun letters(count: Int) = ByteArray(count) { ('a' + it % 26).code.toByte() }

internal class TlsTransportTest : TlsTransportBehaviour(Networks.REAL)

internal class TlsTransportInMemoryTest : TlsTransportBehaviour(Networks.MEMORY)

/** What a transport over TLS does, whatever carries it. */
internal abstract class TlsTransportBehaviour(
    network: Networks,
) : FunSpec({
        fun onTls(test: suspend EventLoop.() -> Unit) = network.onLoop(test)

        val impatient = ConnectionOptions(ssl = clientContext(), sslShutdownTimeout = 100.milliseconds)

        for (version in TlsVersion.entries) {
            context("by $version") {
                val client = ConnectionOptions(ssl = clientContext().withMaximumVersion(version))

                test("what is written comes in order, however it is cut") {
                    onTls {
                        val pair = tlsPair(client = client)
                        val all = letters(600_000)
                        var start = 0
                        for (size in generateSequence(1) { it * 3 % 70_001 + 1 }) {
                            val end = minOf(start + size, all.size)
                            pair.clientSide.transport.write(ByteBuffer.wrap(all, start, end - start))
                            start = end
                            if (start == all.size) break
                        }
                        pair.serverSide.until { pair.serverSide.received.length == all.size }
                        pair.serverSide.received.toString() shouldBe String(all)
                        pair.end()
                    }
                }

                test("closing sends what was written, and both sides end without an error") {
                    onTls {
                        val pair = tlsPair(client = client)
                        pair.clientSide.transport.write(letters(3_000_000))
                        pair.clientSide.transport.close()
                        pair.clientSide.transport.isClosing shouldBe true
                        pair.clientSide.lost.await().shouldBeNull()
                        pair.serverSide.lost.await().shouldBeNull()
                        pair.serverSide.received.length shouldBe 3_000_000
                        pair.serverSide.events shouldContainExactly listOf("made", "data", "eof", "lost")
                        pair.server.aclose()
                    }
                }

                test("data on its way to who has closed is dropped") {
                    onTls {
                        val pair = tlsPair(client = client)
                        pair.serverSide.transport.write(letters(2_000_000))
                        pair.clientSide.transport.close()
                        pair.clientSide.lost.await().shouldBeNull()
                        pair.serverSide.lost.await().shouldBeNull()
                        pair.clientSide.received.length shouldBeLessThan 2_000_000
                        pair.server.aclose()
                    }
                }

                test("a peer that leaves without a goodbye has ended its stream") {
                    onTls {
                        val pair = tlsPair(client = client)
                        pair.clientSide.transport.write(letters(1000))
                        pair.serverSide.until { pair.serverSide.received.length == 1000 }
                        pair.clientSide.transport.below.close()
                        pair.serverSide.lost.await().shouldBeNull()
                        pair.serverSide.events shouldContainExactly listOf("made", "data", "eof", "lost")
                        pair.clientSide.lost.await().shouldBeNull()
                        pair.server.aclose()
                    }
                }

                context("a connection that is cut off, where that is not ignored,") {
                    val strictClient = ConnectionOptions(ssl = clientContext().withMaximumVersion(version).withIgnoreUnexpectedEof(false))
                    val strictServer = ServerOptions(ssl = serverContext().withIgnoreUnexpectedEof(false))

                    for (cut in listOf("server", "client")) {
                        test("fails for the $cut, after what has come") {
                            onTls {
                                val reports = recordReports()
                                val pair = tlsPair(client = strictClient, server = strictServer)
                                val (cutOff, cutting) =
                                    if (cut == "server") pair.serverSide to pair.clientSide else pair.clientSide to pair.serverSide
                                cutting.transport.write(letters(100_000))
                                cutting.until { cutting.transport.writeBufferSize == 0 || cutOff.received.length == 100_000 }
                                cutOff.until { cutOff.received.length == 100_000 }
                                cutting.transport.below.close()
                                cutOff.lost.await().shouldBeInstanceOf<SslEofException>()
                                cutOff.events shouldContainExactly listOf("made", "data", "lost")
                                pair.server.aclose()
                                reports.shouldBeEmpty()
                            }
                        }
                    }
                    test("fails in the middle of a record") {
                        onTls {
                            val pair = tlsPair(client = strictClient, server = strictServer)
                            pair.clientSide.transport.below.write(byteArrayOf(23, 3, 3, 1, 0, 1, 2, 3))
                            pair.clientSide.transport.below.close()
                            pair.serverSide.lost.await().shouldBeInstanceOf<SslEofException>()
                            pair.serverSide.events shouldContainExactly listOf("made", "lost")
                            pair.server.aclose()
                        }
                    }
                    test("fails not before who has paused has all") {
                        onTls {
                            val pair = tlsPair(client = strictClient, server = strictServer)
                            pair.serverSide.transport.pauseReading()
                            pair.clientSide.transport.write(letters(1000))
                            repeat(3) { sleep(Duration.ZERO) }
                            pair.clientSide.transport.below.close()
                            pair.clientSide.lost.await()
                            pair.serverSide.events shouldContainExactly listOf("made")
                            pair.serverSide.transport.resumeReading()
                            pair.serverSide.lost.await().shouldBeInstanceOf<SslEofException>()
                            pair.serverSide.received.length shouldBe 1000
                            pair.serverSide.events shouldContainExactly listOf("made", "data", "lost")
                            pair.server.aclose()
                        }
                    }
                    test("has ended regularly with a goodbye, from whichever side") {
                        onTls {
                            for (first in listOf(TlsPair::serverSide, TlsPair::clientSide)) {
                                val pair = tlsPair(client = strictClient, server = strictServer)
                                first(pair).transport.close()
                                pair.serverSide.lost.await().shouldBeNull()
                                pair.clientSide.lost.await().shouldBeNull()
                                pair.server.aclose()
                            }
                        }
                    }
                    test("has ended regularly for who had closed it already") {
                        onTls {
                            val pair = tlsPair(client = strictClient, server = strictServer)
                            pair.serverSide.transport.close()
                            pair.clientSide.transport.below.close()
                            pair.serverSide.lost.await().shouldBeNull()
                            pair.server.aclose()
                        }
                    }
                    test("fails a stream's reader") {
                        onTls {
                            val server =
                                startServer("localhost", 0, options = ServerOptions(ssl = serverContext())) { _, writer ->
                                    writer.write("half a tru".toByteArray())
                                    writer.drain()
                                    while (writer.transport.writeBufferSize > 0) sleep(Duration.ZERO)
                                    writer.transport.below.close()
                                }
                            val (reader, writer) = openConnection("localhost", server.boundPort, options = strictClient)
                            shouldThrow<SslEofException> { while (true) check(reader.read(100).isNotEmpty()) { "the stream has an end" } }
                            shouldThrow<SslEofException> { writer.aclose() }
                            server.aclose()
                        }
                    }
                }

                test("a protocol with small buffers gets all, piece by piece") {
                    onTls {
                        val pair = tlsPair(client = client)
                        val done = createFuture<Unit>()
                        val small = SmallBuffers(room = 777, total = 100_000) { done.setResult(Unit) }
                        pair.serverSide.transport.protocol = small
                        pair.clientSide.transport.write(letters(100_000))
                        done.await()
                        small.received.toString() shouldBe String(letters(100_000))
                        pair.clientSide.transport.abort()
                        pair.server.aclose()
                    }
                }

                test("who pauses gets nothing until it resumes, and then all") {
                    onTls {
                        val receiver = TlsProbe(onData = { it.transport.pauseReading() })
                        val pair = tlsPair(clientSide = receiver, client = client)
                        pair.serverSide.transport.write(letters(5_000_000))
                        receiver.until { receiver.received.isNotEmpty() }
                        receiver.transport.isReading shouldBe false
                        repeat(50) { sleep(1.milliseconds) }
                        receiver.received.length shouldBeLessThan 1_000_000
                        while (receiver.received.length < 5_000_000) {
                            receiver.transport.resumeReading()
                            sleep(Duration.ZERO)
                        }
                        receiver.received.toString() shouldBe String(letters(5_000_000))
                        pair.end()
                    }
                }

                test("what has come before the goodbye is kept for who has paused") {
                    onTls {
                        val receiver = TlsProbe(onMade = { it.pauseReading() })
                        val pair = tlsPair(clientSide = receiver, client = client)
                        pair.serverSide.transport.write(letters(10_000))
                        pair.serverSide.transport.close()
                        repeat(50) { sleep(1.milliseconds) }
                        receiver.events shouldContainExactly listOf("made")
                        receiver.transport.resumeReading()
                        receiver.lost.await().shouldBeNull()
                        receiver.received.length shouldBe 10_000
                        receiver.events shouldContainExactly listOf("made", "data", "eof", "lost")
                        pair.server.aclose()
                    }
                }

                test("a damaged record ends the connection, after the good ones") {
                    onTls {
                        val pair = tlsPair(client = client)
                        pair.clientSide.transport.write(letters(20_000))
                        pair.serverSide.until { pair.serverSide.received.length == 20_000 }
                        pair.clientSide.transport.below.write(byteArrayOf(23, 3, 3, 0, 100) + ByteArray(100))
                        pair.serverSide.lost.await().shouldBeInstanceOf<SSLException>()
                        pair.clientSide.lost.await().shouldBeInstanceOf<SSLException>() // it was told
                        pair.server.aclose()
                    }
                }
            }
        }

        test("closing by a client whose peer does not answer is forced in the end") {
            onTls {
                val pair = tlsPair(client = impatient)
                pair.serverSide.transport.below.pauseReading()
                pair.clientSide.transport.close()
                val failure = pair.clientSide.lost.await()
                failure.shouldBeInstanceOf<TimeoutException>()
                failure.message shouldContain "SSL shutdown timed out"
                pair.serverSide.transport.abort()
                pair.server.aclose()
            }
        }

        test("closing by a client whose peer does not read is forced in the end") {
            onTls {
                val pair = tlsPair(client = impatient)
                pair.serverSide.transport.below.pauseReading()
                pair.clientSide.transport.write(letters(50_000_000))
                pair.clientSide.transport.close()
                pair.clientSide.lost.await().shouldBeInstanceOf<TimeoutException>()
                pair.serverSide.transport.abort()
                pair.server.aclose()
            }
        }

        test("aborting drops what was not sent") {
            onTls {
                val pair = tlsPair()
                pair.serverSide.transport.pauseReading()
                pair.clientSide.transport.write(letters(50_000_000))
                pair.clientSide.transport.abort()
                pair.clientSide.lost.await().shouldBeNull()
                pair.clientSide.transport.writeBufferSize shouldBe 0
                pair.serverSide.transport.abort()
                pair.server.aclose()
            }
        }

        test("a protocol that fails ends its connection, and is reported") {
            onTls {
                val reports = recordReports()
                val pair = tlsPair(serverSide = TlsProbe(onData = { throw IllegalStateException("cannot cope") }))
                pair.clientSide.transport.write(letters(10))
                pair.serverSide.lost.await()?.message shouldBe "cannot cope"
                pair.clientSide.lost.await()
                reports.single().message shouldContain "dataReceived"
                pair.server.aclose()
            }
        }

        test("one direction cannot be ended alone") {
            onTls {
                val pair = tlsPair()
                pair.clientSide.transport.canWriteEof() shouldBe false
                shouldThrow<UnsupportedOperationException> { pair.clientSide.transport.writeEof() }
                pair.end()
            }
        }

        context("a writer") {
            test("is paused at 512 KiB, and resumed at 128 KiB") {
                onTls {
                    val pair = tlsPair()
                    val transport = pair.clientSide.transport
                    transport.writeBufferLimits shouldBe WriteBufferLimits(128 * 1024, 512 * 1024)
                    pair.serverSide.transport.pauseReading()
                    while ("pause" !in pair.clientSide.events) {
                        transport.writeBufferSize shouldBeLessThan 512 * 1024
                        transport.write(letters(64 * 1024))
                        sleep(Duration.ZERO)
                    }
                    pair.serverSide.transport.resumeReading()
                    pair.clientSide.until { "resume" in pair.clientSide.events }
                    pair.end()
                }
            }
            test("is paused by as many bytes as the limit it has set, and resumed when they are sent") {
                onTls {
                    val pair = tlsPair()
                    val transport = pair.clientSide.transport
                    transport.setWriteBufferLimits(high = 5)
                    transport.writeBufferLimits shouldBe WriteBufferLimits(1, 5)
                    transport.write(letters(4))
                    pair.clientSide.events shouldContainExactly listOf("made")
                    transport.write(letters(1))
                    pair.clientSide.events shouldContainExactly listOf("made", "pause")
                    transport.writeBufferSize shouldBe 5
                    pair.clientSide.until { "resume" in pair.clientSide.events }
                    pair.end()
                }
            }
            test("writes in vain when all is over") {
                onTls {
                    val pair = tlsPair()
                    pair.clientSide.transport.close()
                    pair.clientSide.transport.write(letters(5))
                    pair.clientSide.lost.await()
                    pair.clientSide.transport.write(letters(5))
                    pair.serverSide.lost.await()
                    pair.serverSide.received.length shouldBe 0
                    pair.server.aclose()
                }
            }
        }

        test("closing from inside a callback still delivers what had come with it") {
            onTls {
                val receiver = TlsProbe(onData = { it.transport.close() })
                val pair = tlsPair(clientSide = receiver)
                receiver.transport.pauseReading()
                pair.serverSide.transport.write(letters(40_000))
                repeat(20) { sleep(1.milliseconds) }
                receiver.transport.resumeReading()
                receiver.lost.await().shouldBeNull()
                receiver.events.last() shouldBe "lost"
                pair.serverSide.lost.await().shouldBeNull()
                pair.server.aclose()
            }
        }

        test("a server closes its clients with a goodbye") {
            onTls {
                val pair = tlsPair()
                pair.server.closeClients()
                pair.clientSide.lost.await().shouldBeNull()
                pair.clientSide.events shouldContainExactly listOf("made", "eof", "lost")
                pair.server.aclose()
            }
        }

        test("what comes after a goodbye is forgotten, though there is still something to send") {
            onTls {
                val pair = tlsPair()
                pair.clientSide.transport.below.pauseReading()
                pair.serverSide.transport.write(letters(50_000_000))
                pair.clientSide.transport.close()
                pair.serverSide.until { "eof" in pair.serverSide.events }
                val layer = (pair.serverSide.transport as TlsTransport).tls
                repeat(10) {
                    layer.getBuffer(-1).put(letters(1000))
                    layer.bufferUpdated(1000)
                }
                layer.getBuffer(-1).position() shouldBe 0
                pair.end()
            }
        }

        test("TLS goes through TLS") {
            onTls {
                val pair = tlsPair()
                val inner = createFuture<Transport>()
                val innerServer = TlsProbe()
                val innerClient = TlsProbe()
                createTask {
                    inner.setResult(startTls(pair.serverSide.transport, innerServer, serverContext("chain"), serverSide = true))
                }
                val client = startTls(pair.clientSide.transport, innerClient, clientContext(), serverHostname = "localhost")
                val server = inner.await()
                client.write(letters(1_000_000))
                innerServer.until { innerServer.received.length == 1_000_000 }
                innerServer.received.toString() shouldBe String(letters(1_000_000))
                server.write(letters(300_000))
                server.close()
                innerServer.lost.await().shouldBeNull()
                innerClient.lost.await().shouldBeNull()
                innerClient.received.toString() shouldBe String(letters(300_000))
                pair.server.aclose()
            }
        }
    })
