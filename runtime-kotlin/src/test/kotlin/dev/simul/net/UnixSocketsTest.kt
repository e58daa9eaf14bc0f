// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.sleep
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startUnixServer
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.tls.startTls
import dev.simul.transports.OpenTransports
import dev.simul.transports.Protocol
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import org.slf4j.event.Level
import java.io.IOException
import java.net.BindException
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.channels.ClosedChannelException
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration

/** Sends all back that comes. */
private class Echo : Protocol {
    private lateinit var transport: Transport

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteArray) = transport.write(data)
}

private suspend fun EventLoop.echo(path: Path) {
    val (transport, protocol) = createUnixConnection(path) { RecordingProtocol() }
    transport.write("hello".toByteArray())
    protocol.received { it == "hello" }
    transport.close()
    protocol.lost.await() shouldBe null
}

class UnixSocketsTest :
    FunSpec({
        val folder = tempdir().toPath()
        var sockets = 0

        fun newPath() = folder.resolve("s${sockets++}")

        test("a server and a connection meet at a path") {
            val path = newPath()
            onSockets {
                createUnixServer(path) { Echo() }.use { server ->
                    server.addresses shouldContainExactly listOf(UnixDomainSocketAddress.of(path))
                    val (transport, protocol) = createUnixConnection(path) { RecordingProtocol() }
                    protocol.events shouldContainExactly listOf("made")
                    transport.getExtraInfo("peername") shouldBe UnixDomainSocketAddress.of(path)
                    transport.write("hello".toByteArray())
                    protocol.received { it == "hello" }
                    transport.close()
                }
            }
        }

        test("the socket goes when the server does") {
            val path = newPath()
            onSockets {
                val server = createUnixServer(path) { Echo() }
                path.exists() shouldBe true
                server.close()
                path.exists() shouldBe false
                server.close()
            }
        }

        test("the socket stays if the caller wants that, and the next server removes it") {
            val path = newPath()
            onSockets {
                createUnixServer(path, cleanupSocket = false) { Echo() }.aclose()
                path.exists() shouldBe true
                createUnixServer(path) { Echo() }.use { echo(path) }
                path.exists() shouldBe false
            }
        }

        test("a socket that was removed by somebody else is no error") {
            val path = newPath()
            RecordedLog
                .during {
                    onSockets {
                        val server = createUnixServer(path) { Echo() }
                        path.deleteExisting()
                        server.close()
                    }
                }.filter { it.level == Level.ERROR }
                .shouldBeEmpty()
        }

        test("what lies in the place of the socket by then is not removed") {
            val path = newPath()
            onSockets {
                val first = createUnixServer(path) { Echo() }
                // Both exist at once, lest one has the inode of the other.
                val second = createUnixServer(path.resolveSibling("other")) { Echo() }
                Files.move(path.resolveSibling("other"), path, StandardCopyOption.REPLACE_EXISTING)
                first.close()
                path.exists() shouldBe true
                echo(path)
                second.close()
            }
        }

        test("a file that is no socket is not removed, and the error names it") {
            val path = newPath()
            path.writeText("precious")
            onSockets {
                shouldThrow<BindException> { createUnixServer(path) { Echo() } }.message shouldContain "Address '$path' is already in use"
            }
            path.readText() shouldBe "precious"
        }

        test("a path in no folder is named") {
            onSockets {
                shouldThrow<IOException> { createUnixServer(folder.resolve("none/s")) { Echo() } }.message shouldContain "'$folder/none/s'"
            }
        }

        test("where nobody listens there is no connection, and the path is named") {
            val path = newPath()
            onSockets {
                shouldThrow<IOException> { createUnixConnection(path) { RecordingProtocol() } }
                    .message shouldContain "Connect call failed for $path"
            }
            ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path)).close()
            onSockets { shouldThrow<IOException> { createUnixConnection(path) { RecordingProtocol() } } }
        }

        test("channels that the caller has made are taken over") {
            val path = newPath()
            val listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))
            onSockets {
                createUnixServer(listening) { Echo() }.use {
                    val (transport, protocol) =
                        createConnection(
                            SocketChannel.open(UnixDomainSocketAddress.of(path)),
                        ) { RecordingProtocol() }
                    transport.write("hello".toByteArray())
                    protocol.received { it == "hello" }
                    transport.close()
                }
                path.exists() shouldBe false
            }
        }

        test("a channel that is not in the Unix domain is refused") {
            onSockets {
                withListener { listener ->
                    shouldThrow<IllegalArgumentException> {
                        createUnixServer(
                            listener,
                        ) { Echo() }
                    }.message shouldContain "is not bound to a path"
                }
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).use {
                    shouldThrow<IllegalArgumentException> { createUnixServer(it) { Echo() } }
                }
            }
        }

        test("options of TCP count for nothing") {
            val path = newPath()
            onSockets {
                createUnixServer(path, ServerOptions(keepAlive = true, reusePort = true)) { Echo() }.use { echo(path) }
            }
        }

        test("an accepted channel becomes a connection") {
            val path = newPath()
            val listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))
            listening.use {
                onSockets {
                    val client = createUnixConnection(path) { RecordingProtocol() }
                    val (transport, protocol) = connectAcceptedSocket(listening.accept()) { RecordingProtocol() }
                    protocol.events shouldContainExactly listOf("made")
                    client.transport.write("hello".toByteArray())
                    client.transport.close()
                    protocol.received { it == "hello" }
                    protocol.lost.await() shouldBe null
                    protocol.events shouldContainExactly listOf("made", "data hello", "eof", "lost")
                    transport.isClosing shouldBe true
                }
            }
        }

        test("an accepted channel of TCP becomes one too") {
            withListener { listener ->
                val log =
                    RecordedLog.during {
                        onSockets(debug = true) {
                            val client = SocketChannel.open(listener.localAddress)
                            val (transport) = connectAcceptedSocket(listener.accept()) { RecordingProtocol() }
                            (
                                transport.getExtraInfo(
                                    "peername",
                                ) as InetSocketAddress
                            ).port shouldBe (client.localAddress as InetSocketAddress).port
                            client.close()
                            transport.close()
                        }
                    }
                log.shouldExist { it.message.endsWith("was accepted") }
                onSockets {
                    shouldThrow<IllegalArgumentException> { connectAcceptedSocket(SocketChannel.open()) { RecordingProtocol() } }
                }
            }
        }

        test("TLS goes over them, for protocols of both kinds and by streams") {
            val path = newPath()
            val client = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
            onSockets {
                val server =
                    startUnixServer(path, options = ServerOptions(ssl = serverContext())) { reader, writer ->
                        writer.write("you said ".toByteArray() + reader.readline())
                        writer.close()
                    }
                server.use {
                    val (reader, writer) = openUnixConnection(path, options = client)
                    writer.getExtraInfo("peername") shouldBe UnixDomainSocketAddress.of(path)
                    writer.write("hello\n".toByteArray())
                    String(reader.read()) shouldBe "you said hello\n"
                    writer.aclose()
                    val (transport, protocol) = createUnixConnection(path, client) { RecordingProtocol() }
                    transport.write("hello\n".toByteArray())
                    protocol.lost.await() shouldBe null
                    protocol.events shouldContainExactly listOf("made", "data you said hello\n", "eof", "lost")
                }
            }
        }

        test("TLS starts on them, and its end is the connection's") {
            val path = newPath()
            onSockets {
                val server =
                    startUnixServer(path) { reader, writer ->
                        reader.readline()
                        writer.startTls(serverContext())
                        writer.write(reader.readline())
                        writer.close()
                    }
                server.use {
                    val (reader, writer) = openUnixConnection(path)
                    writer.write("STARTTLS\n".toByteArray())
                    writer.startTls(clientContext(), serverHostname = "localhost")
                    writer.write("hello\n".toByteArray())
                    String(reader.read()) shouldBe "hello\n"
                    writer.aclose()
                }
            }
        }

        test("TLS without the server's name is refused before anybody is connected to") {
            val path = newPath()
            var made = 0
            onSockets {
                createUnixServer(path) { Echo().also { made++ } }.use {
                    shouldThrow<IllegalArgumentException> {
                        createUnixConnection(path, ConnectionOptions(ssl = clientContext())) { RecordingProtocol() }
                    }.message shouldContain "serverHostname"
                    shouldThrow<IllegalArgumentException> {
                        openUnixConnection(path, options = ConnectionOptions(ssl = clientContext(), serverHostname = ""))
                    }
                    repeat(5) { sleep(Duration.ZERO) }
                    made shouldBe 0
                }
            }
        }

        test("a path that is too long for a socket is named") {
            val path = folder.resolve("x".repeat(200))
            onSockets {
                shouldThrow<IOException> { createUnixServer(path) { Echo() } }.message shouldContain "$path"
                shouldThrow<IOException> { createUnixConnection(path) { RecordingProtocol() } }.message shouldContain "$path"
            }
        }

        test("channels that are closed, or not bound, are refused and not kept") {
            onSockets {
                val unbound = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                shouldThrow<IllegalArgumentException> { createUnixServer(unbound) { Echo() } }.message shouldContain "not bound to a path"
                unbound.close()
                shouldThrow<ClosedChannelException> { createUnixServer(unbound) { Echo() } }
                val unconnected = SocketChannel.open(StandardProtocolFamily.UNIX)
                shouldThrow<IllegalArgumentException> { createConnection(unconnected) { RecordingProtocol() } }
                    .message shouldContain "not connected"
                unconnected.close()
                OpenTransports[this].size shouldBe 0
            }
        }

        test("streams go over them") {
            val path = newPath()
            onSockets {
                val server =
                    startUnixServer(path) { reader, writer ->
                        writer.write("you said ".toByteArray() + reader.readline())
                        writer.close()
                    }
                server.use {
                    val (reader, writer) = openUnixConnection(path)
                    writer.write("hello\n".toByteArray())
                    String(reader.read()) shouldBe "you said hello\n"
                    writer.close()
                    writer.waitClosed()
                }
                path.exists() shouldBe false
            }
        }

        test("what cannot be checked or removed is logged") {
            val path = newPath()
            Files.createSymbolicLink(path, path) // which cannot be followed
            RecordedLog
                .during { onSockets { shouldThrow<IOException> { createUnixServer(path) { Echo() } } } }
                .shouldExist { it.message.startsWith("Unable to check or remove stale UNIX socket") }
        }
    })
