// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Networks
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.tls.SslCertVerificationException
import dev.simul.tls.SslContext
import dev.simul.tls.TlsVersion
import dev.simul.tls.boundPort
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.security.cert.X509Certificate
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

internal suspend fun echo(
    reader: StreamReader,
    writer: StreamWriter,
) {
    while (true) {
        val data = reader.read(1 shl 16)
        if (data.isEmpty()) break
        writer.write(data)
        writer.drain()
    }
    writer.close()
}

private suspend fun echoServer(context: SslContext = serverContext()): Server =
    startServer("localhost", 0, options = ServerOptions(ssl = context), clientConnected = ::echo)

private suspend fun connect(
    server: Server,
    context: SslContext = clientContext(),
): Streams = openConnection("localhost", server.boundPort, options = ConnectionOptions(ssl = context))

/** Sends [data] while it is read back. */
internal suspend fun Streams.shouldEcho(data: ByteArray) {
    val writing =
        createTask {
            for (start in data.indices step 77_777) {
                writer.write(data.copyOfRange(start, minOf(start + 77_777, data.size)))
                writer.drain()
            }
        }
    reader.readexactly(data.size).contentEquals(data) shouldBe true
    writing.await()
}

/** A plain server that upgrades to TLS when it is told to, and then echoes. */
private suspend fun upgradingServer(
    failure: Future<Throwable>? = null,
    upgrade: suspend (StreamReader, StreamWriter) -> Unit,
): Server =
    startServer("localhost", 0) { reader, writer ->
        try {
            reader.readline().decodeToString() shouldBe "STARTTLS\n"
            upgrade(reader, writer)
            echo(reader, writer)
        } catch (e: IOException) {
            failure?.setResult(e)
        }
    }

internal class TlsStreamsTest : TlsStreamsBehaviour(Networks.REAL)

internal class TlsStreamsInMemoryTest : TlsStreamsBehaviour(Networks.MEMORY)

/** What streams over TLS do, whatever carries them. */
internal abstract class TlsStreamsBehaviour(
    network: Networks,
) : FunSpec({
        fun onTls(test: suspend EventLoop.() -> Unit) = network.onLoop(test)

        for (version in TlsVersion.entries) {
            test("a client and a server echo, by $version") {
                onTls {
                    val server = echoServer(serverContext().withMaximumVersion(version))
                    val (reader, writer) = connect(server)
                    writer.write("hello\n".toByteArray())
                    reader.readline().decodeToString() shouldBe "hello\n"
                    (writer.getExtraInfo("peercert") as X509Certificate).subjectX500Principal.name shouldBe "CN=localhost"
                    writer.aclose()
                    server.aclose()
                }
            }

            test("megabytes go both ways at once, by $version") {
                onTls {
                    val server = echoServer(serverContext().withMaximumVersion(version))
                    val streams = connect(server)
                    streams.shouldEcho(Random(1).nextBytes(8_000_000))
                    streams.writer.aclose()
                    server.aclose()
                }
            }
        }

        test("a reader is at its end when the other side has closed") {
            onTls {
                val server =
                    startServer("localhost", 0, options = ServerOptions(ssl = serverContext())) { _, writer ->
                        writer.write("bye".toByteArray())
                        writer.close()
                    }
                val (reader, writer) = connect(server)
                reader.read().decodeToString() shouldBe "bye"
                reader.atEof() shouldBe true
                writer.aclose()
                server.aclose()
            }
        }

        test("many clients at once") {
            onTls {
                val server = echoServer()
                val clients =
                    List(40) {
                        createTask {
                            val streams = connect(server)
                            streams.shouldEcho(Random(it).nextBytes(100_000))
                            streams.writer.aclose()
                        }
                    }
                clients.forEach { it.await() }
                server.aclose()
            }
        }

        context("startTls") {
            test("goes on with TLS on both sides, for the same reader and writer") {
                onTls {
                    val server =
                        upgradingServer { _, writer ->
                            writer.write("go\n".toByteArray())
                            writer.startTls(serverContext())
                        }
                    val streams = openConnection("localhost", server.boundPort)
                    val (reader, writer) = streams
                    writer.write("STARTTLS\n".toByteArray())
                    reader.readline().decodeToString() shouldBe "go\n"
                    writer.startTls(clientContext(), serverHostname = "localhost")
                    writer.getExtraInfo("cipher").shouldNotBeNull()
                    writer.canWriteEof() shouldBe false
                    streams.shouldEcho(Random(2).nextBytes(3_000_000))
                    writer.aclose()
                    server.aclose()
                }
            }

            test("fails if plain bytes were slipped in before it, on a client too") {
                onTls {
                    val server =
                        upgradingServer(createFuture()) { _, writer ->
                            writer.write("go\nslipped in\n".toByteArray())
                            writer.startTls(serverContext())
                        }
                    val (reader, writer) = openConnection("localhost", server.boundPort)
                    writer.write("STARTTLS\n".toByteArray())
                    reader.readline().decodeToString() shouldBe "go\n"
                    shouldThrow<IOException> { writer.startTls(clientContext(), serverHostname = "localhost") }
                    server.aclose()
                }
            }

            test("takes what a client has sent of TLS before the server was ready for it") {
                onTls {
                    val ready = createFuture<Unit>()
                    val server =
                        upgradingServer { _, writer ->
                            ready.await()
                            writer.startTls(serverContext())
                        }
                    val streams = openConnection("localhost", server.boundPort)
                    streams.writer.write("STARTTLS\n".toByteArray())
                    val upgrading = createTask { streams.writer.startTls(clientContext(), serverHostname = "localhost") }
                    repeat(50) { sleep(1.milliseconds) }
                    ready.setResult(Unit)
                    upgrading.await()
                    streams.shouldEcho(Random(3).nextBytes(100_000))
                    streams.writer.aclose()
                    server.aclose()
                }
            }

            test("that fails closes the connection") {
                onTls {
                    val failure = createFuture<Throwable>()
                    val server = upgradingServer(failure) { _, writer -> writer.startTls(serverContext("expired")) }
                    val (reader, writer) = openConnection("localhost", server.boundPort)
                    writer.write("STARTTLS\n".toByteArray())
                    shouldThrow<SslCertVerificationException> { writer.startTls(clientContext(), serverHostname = "localhost") }
                    shouldThrow<IOException> { reader.read() }
                    shouldThrow<IOException> { writer.waitClosed() }
                    failure.await()
                    server.aclose()
                }
            }

            test("that is cancelled closes the connection") {
                onTls {
                    val server = startServer("localhost", 0) { reader, writer -> reader.read().also { writer.close() } }
                    val (_, writer) = openConnection("localhost", server.boundPort)
                    val upgrading = createTask { writer.startTls(clientContext(), serverHostname = "localhost") }
                    sleep(10.milliseconds)
                    upgrading.cancel()
                    shouldThrow<CancelledException> { upgrading.await() }
                    server.aclose()
                }
            }

            test("refuses to check a name that it is not told") {
                onTls {
                    val server = startServer("localhost", 0) { _, writer -> writer.close() }
                    val (_, writer) = openConnection("localhost", server.boundPort)
                    shouldThrow<IllegalArgumentException> { writer.startTls(clientContext()) }
                    shouldThrow<IllegalArgumentException> { writer.startTls(serverContext(), serverHostname = "localhost") }
                    writer.close()
                    server.aclose()
                }
            }
        }
    })
