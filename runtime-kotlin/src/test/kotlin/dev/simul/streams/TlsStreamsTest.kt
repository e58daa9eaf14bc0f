package dev.simul.streams

import dev.simul.createTask
import dev.simul.io.ConnectionOptions
import dev.simul.io.Server
import dev.simul.io.ServerOptions
import dev.simul.io.SslContext
import dev.simul.io.TlsVersion
import dev.simul.io.clientContext
import dev.simul.io.port
import dev.simul.io.serverContext
import dev.simul.timeout
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.security.cert.X509Certificate
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [test] on a loop, for a minute at most. */
private fun onLoop(test: suspend () -> Unit) {
    runLoop { timeout(60.seconds) { test() } }
}

private suspend fun echo(
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
): Streams = openConnection("localhost", server.port, options = ConnectionOptions(ssl = context))

class TlsStreamsTest :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("a client and a server echo, by $version") {
                onLoop {
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
                onLoop {
                    val sent = Random(1).nextBytes(8_000_000)
                    val server = echoServer(serverContext().withMaximumVersion(version))
                    val (reader, writer) = connect(server)
                    val writing =
                        createTask {
                            for (start in sent.indices step 77_777) {
                                writer.write(sent.copyOfRange(start, minOf(start + 77_777, sent.size)))
                                writer.drain()
                            }
                        }
                    reader.readexactly(sent.size).contentEquals(sent) shouldBe true
                    writing.await()
                    writer.aclose()
                    server.aclose()
                }
            }
        }
    })
