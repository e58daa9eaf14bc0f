// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.exceptions.TimeoutException
import dev.simul.house.Soak
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.timeout
import dev.simul.tls.SslContext
import dev.simul.tls.TlsVersion
import dev.simul.tls.certificate
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.transports.ConnectionAbortedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLHandshakeException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The JDK's TLS between simulated hosts: its keys are random, but not how long its messages are, if the certificate's key is one of RSA. */
class TlsTest :
    FunSpec({
        test("a program over TLS makes the same steps in a fresh JVM, whatever fails") {
            replayCheck<Secrets>(seeds = Soak.of(1_000))
            replayCheck<Secrets>(seed = 1_000_000, Schedule.CHAOS, seeds = Soak.of(1_000))
            failures.get() shouldBeGreaterThan 0
        }

        for (version in TlsVersion.entries) {
            test("a handshake of $version is no shorter for an earlier one with the same contexts") {
                val client = client.withMaximumVersion(version)
                val hashes = List(5) { hashOf(1, Schedule.ASYNCIO) { twice(client) } }
                hashes.toSet().size shouldBe 1
            }
        }

        test("a server that shows another's certificate, or one of an authority that nobody knows, is refused, and hears of it") {
            for ((name, trusted, message) in listOf(
                Triple("wrong-host", clientContext(), "localhost"),
                Triple("self-signed", clientContext(), "unable to find valid certification path"),
                Triple("server", SslContext.createDefaultContext(), "unable to find valid certification path"),
                Triple("expired", clientContext(), "NotAfter"),
            )) {
                simulate(1) {
                    network.conditions.latency = Latency(1.milliseconds)
                    host("server") {
                        val options = ServerOptions(ssl = serverContext(name))
                        startServer("server", 443, options = options, clientConnected = ::echo).serveForever()
                    }
                    val failure = shouldThrow<SSLHandshakeException> { connectTo("server", trusted) }
                    generateSequence<Throwable>(failure) { it.cause }.joinToString { it.message.orEmpty() } shouldContain message
                    now shouldBe 4.milliseconds // two ways for the connection, two for the handshake
                }
            }
        }

        test("a handshake that takes too long ends when its time has passed, at once") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                host("server") { startServer("server", 443) { reader, _ -> reader.read() }.serveForever() }
                val options = ConnectionOptions(ssl = client, serverHostname = "localhost", sslHandshakeTimeout = 7.seconds)
                shouldThrow<ConnectionAbortedException> { openConnection("server", 443, options = options) }.message shouldContain
                    "SSL handshake is taking longer than 7s"
                now shouldBe 7.seconds + 2.milliseconds
            }
        }

        test("a handshake is cut off by a crash, and a partition holds it up") {
            simulate(1) {
                network.conditions.latency = Latency(10.milliseconds)
                val server = host("server") { serveSecrets() }
                val cutOff = host("ada") { shouldThrow<IOException> { connectTo("server", client) } }
                sleep(35.milliseconds) // The client's first message has come.
                server.crash()
                server.restart()
                cutOff.join()

                val heldUp = host("bob") { connectTo("server", client) { reader, writer -> reader.say(writer) shouldBe "hello" } }
                sleep(35.milliseconds)
                network.partition("bob", "server")
                sleep(30.seconds)
                network.heal()
                heldUp.join()
            }
        }
    })

private val client by lazy { SslContext.createDefaultContext(cafile = certificate("ca.pem")) }
private val server by lazy { serverContext("chain") }
private val failures = AtomicInteger()

private suspend fun serveSecrets() =
    startServer("0.0.0.0", 443, options = ServerOptions(ssl = server)) { reader, writer ->
        try {
            echo(reader, writer)
            writer.aclose()
        } catch (_: IOException) {
            // The client tries again.
        }
    }.serveForever()

private suspend fun <R> connectTo(
    host: String,
    context: SslContext,
    talk: suspend (StreamReader, StreamWriter) -> R,
): R {
    val (reader, writer) = openConnection(host, 443, options = ConnectionOptions(ssl = context, serverHostname = "localhost"))
    try {
        return talk(reader, writer).also { writer.aclose() }
    } finally {
        writer.close()
    }
}

private suspend fun connectTo(
    host: String,
    context: SslContext,
) = connectTo(host, context) { _, _ -> }

private suspend fun StreamReader.say(writer: StreamWriter): String {
    writer.say("hello\n")
    return line()
}

private suspend fun Simulation.twice(client: SslContext) {
    host("server") { serveSecrets() }
    repeat(2) { connectTo("server", client) { reader, writer -> reader.say(writer) shouldBe "hello" } }
}

/** Talks to a server that crashes, in bad weather, and connects again after each failure. */
private class Secrets : SimulatedProgram {
    override suspend fun Simulation.run() {
        with(network.conditions) {
            latency = Latency(1.milliseconds, 20.milliseconds)
            splits = 0.3
            segmentLoss = 0.02
            resets = 0.02
        }
        val server = host("server") { serveSecrets() }
        val clients = listOf("ada", "bob").map { name -> host(name) { talkUntilAnswered() } }
        sleep(getRunningLoop().random.nextInt(200).milliseconds)
        server.restart()
        clients.forEach { it.join() }
    }

    private suspend fun Simulation.talkUntilAnswered() {
        while (true) {
            try {
                return timeout(20.seconds) { connectTo("server", client) { reader, writer -> repeat(5) { reader.say(writer) } } }
            } catch (e: IOException) {
                log("failed: $e")
            } catch (e: TimeoutException) {
                log("failed: $e")
            }
            failures.incrementAndGet()
            sleep(100.milliseconds)
        }
    }
}
