// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.net.ConnectionOptions
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.tls.TlsVersion
import dev.simul.tls.VerifyMode
import dev.simul.tls.below
import dev.simul.tls.boundPort
import dev.simul.tls.certificate
import dev.simul.tls.clientContext
import dev.simul.tls.onTls
import dev.simul.tls.serverContext
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.concurrent.TimeUnit
import kotlin.random.Random
import kotlin.time.Duration

/** A program that speaks TLS with the test; it is ended with the block. */
private class Peer(
    vararg command: String,
) : AutoCloseable {
    private val process = ProcessBuilder(*command).redirectErrorStream(true).start()
    private val output = process.inputStream.bufferedReader()

    /** The next line that it prints; null when it has ended. */
    suspend fun line(): String? = toThread { output.readLine() }

    /** What it prints until it ends. */
    suspend fun rest(): List<String> = toThread { output.readLines() }

    /** Waits for a line that begins with [word], and gives what comes after it. */
    suspend fun lineOf(word: String): String {
        val seen = ArrayList<String>()
        while (true) {
            val line = line() ?: error("it has ended without a line of '$word', but with $seen")
            if (line.trimStart().startsWith(word)) return line.trimStart().removePrefix(word).trim()
            seen += line
        }
    }

    suspend fun say(text: String) =
        toThread {
            process.outputStream.write(text.toByteArray())
            process.outputStream.flush()
        }

    /** Ends what it reads. */
    fun endInput() = process.outputStream.close()

    override fun close() {
        process.destroyForcibly()
    }
}

private fun has(vararg command: String): Boolean =
    runCatching {
        val process = ProcessBuilder(*command).redirectErrorStream(true).start()
        process.outputStream.close()
        process.inputStream.readBytes()
        process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0
    }.getOrDefault(false)

private fun python(vararg arguments: String) = Peer("python3", certificate("peer.py").toString(), *arguments)

private val ca get() = certificate("ca.pem").toString()

private suspend fun serve(
    options: ServerOptions = ServerOptions(ssl = serverContext()),
    clientConnected: suspend (StreamReader, StreamWriter) -> Unit = ::echo,
): Server = startServer("127.0.0.1", 0, options = options, clientConnected = clientConnected)

private suspend fun hello(
    reader: StreamReader,
    writer: StreamWriter,
) {
    do {
        val line = reader.readline().decodeToString()
    } while (line.isNotBlank())
    val body = "hello over ${writer.getExtraInfo("cipher")}\n".repeat(10_000)
    writer.write("HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n".toByteArray())
    writer.write(body.toByteArray())
    writer.drain()
    writer.aclose()
}

class TlsInteropTest :
    FunSpec({
        context("CPython's asyncio").config(enabled = has("python3", "-c", "import ssl, asyncio; asyncio.StreamWriter.start_tls")) {
            for (version in TlsVersion.entries) {
                test("as a client, by $version") {
                    onTls {
                        val server = serve(ServerOptions(ssl = serverContext().withMaximumVersion(version)))
                        python("client", "${server.boundPort}", ca).use {
                            it.lineOf("version") shouldBe if (version == TlsVersion.TLS_1_3) "TLSv1.3" else "TLSv1.2"
                            it.lineOf("done")
                        }
                        server.aclose()
                    }
                }

                test("as a server, by $version") {
                    onTls {
                        python("server", "${certificate("server.pem")}", "${certificate("server.key")}").use {
                            val options = ConnectionOptions(ssl = clientContext().withMaximumVersion(version), serverHostname = "localhost")
                            val streams = openConnection("127.0.0.1", it.lineOf("port").toInt(), options = options)
                            streams.shouldEcho(Random(5).nextBytes(3_000_000))
                            streams.writer.aclose()
                            it.lineOf("done")
                        }
                    }
                }
            }

            test("takes a stream that is cut off for one that has ended, whatever its context says") {
                onTls {
                    val server =
                        serve { _, writer ->
                            writer.write(ByteArray(1000))
                            while (writer.transport.writeBufferSize > 0) sleep(Duration.ZERO)
                            writer.transport.below.close()
                        }
                    for (heeds in listOf("False", "True")) {
                        python("cut_off_client", "${server.boundPort}", ca, heeds).use {
                            it.lineOf("read") shouldBe "1000"
                            it.lineOf("done")
                        }
                    }
                    server.aclose()
                }
            }

            test("as a client that upgrades") {
                onTls {
                    val server =
                        serve(ServerOptions()) { reader, writer ->
                            reader.readline()
                            writer.write("go\n".toByteArray())
                            writer.startTls(serverContext("chain"))
                            echo(reader, writer)
                        }
                    python("upgrading_client", "${server.boundPort}", ca).use { it.lineOf("done") }
                    server.aclose()
                }
            }

            test("as a server that upgrades") {
                onTls {
                    python("upgrading_server", "${certificate("server.pem")}", "${certificate("server.key")}").use {
                        val streams = openConnection("127.0.0.1", it.lineOf("port").toInt())
                        streams.writer.write("STARTTLS\n".toByteArray())
                        streams.reader.readline().decodeToString() shouldBe "go\n"
                        streams.writer.startTls(clientContext(), serverHostname = "localhost")
                        streams.shouldEcho(Random(6).nextBytes(3_000_000))
                        streams.writer.aclose()
                        it.lineOf("done")
                    }
                }
            }

            test("as a client that does not trust the server") {
                onTls {
                    val server = serve()
                    python("refusing_client", "${server.boundPort}").use { it.lineOf("refused") }
                    server.aclose()
                }
            }
        }

        context("openssl").config(enabled = has("openssl", "version")) {
            fun client(
                server: Server,
                vararg options: String,
            ) = Peer(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:${server.boundPort}",
                "-CAfile",
                ca,
                "-verify_return_error",
                "-verify_hostname",
                "localhost",
                *options,
            )

            suspend fun Peer.shouldBeEchoed(text: String) {
                say("$text\n")
                lineOf(text)
            }

            test("as a client, by TLS 1.2, that wants to negotiate again, which is refused") {
                onTls {
                    val server = serve()
                    client(server, "-tls1_2").use {
                        it.lineOf("Verify return code: 0")
                        it.shouldBeEchoed("before")
                        it.say("R\n")
                        it.lineOf("RENEGOTIATING")
                        it.rest()
                    }
                    server.aclose()
                }
            }

            test("as a client, by TLS 1.3, that changes its keys and has ours changed") {
                onTls {
                    val server = serve()
                    client(server, "-tls1_3").use {
                        it.lineOf("Verify return code: 0")
                        it.shouldBeEchoed("before")
                        repeat(3) { round ->
                            it.say("k\n")
                            it.lineOf("KEYUPDATE")
                            it.shouldBeEchoed("round $round")
                            it.say("K\n")
                            it.lineOf("KEYUPDATE")
                            it.shouldBeEchoed("round $round again")
                        }
                        it.say("Q\n")
                        it.rest()
                    }
                    server.aclose()
                }
            }

            test("as a client that takes up its session again") {
                onTls {
                    val server = serve()
                    client(server, "-tls1_2", "-reconnect").use {
                        it.lineOf("New, TLSv1.2")
                        repeat(5) { _ -> it.lineOf("Reused, TLSv1.2") }
                        it.endInput()
                        it.rest()
                    }
                    server.aclose()
                }
            }

            test("as a client that agrees on a protocol, and asks for a host") {
                onTls {
                    val chosen = serverContext("wrong-host").withAlpnProtocols("h2", "http/1.1")
                    val server = serve(ServerOptions(ssl = serverContext().withSniCallback { if (it == "example.org") chosen else null }))
                    client(server, "-servername", "example.org", "-verify_hostname", "example.org", "-alpn", "http/1.1").use {
                        it.lineOf("ALPN protocol:") shouldBe "http/1.1"
                        it.lineOf("Verify return code: 0")
                        it.endInput()
                        it.rest()
                    }
                    server.aclose()
                }
            }

            for (version in listOf("-tls1_2", "-tls1_3")) {
                test("as a server that turns lines around, $version") {
                    onTls {
                        val files = arrayOf("-cert", "${certificate("server.pem")}", "-key", "${certificate("server.key")}")
                        Peer("openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", version, *files).use {
                            val port = it.lineOf("ACCEPT").substringAfterLast(':').toInt()
                            val options = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
                            val (reader, writer) = openConnection("127.0.0.1", port, options = options)
                            for (word in listOf("one", "two", "three")) {
                                writer.write("$word\n".toByteArray())
                                reader.readline().decodeToString() shouldBe "${word.reversed()}\n"
                            }
                            writer.aclose()
                        }
                    }
                }
            }
        }

        context("curl").config(enabled = has("curl", "--version")) {
            fun get(
                server: Server,
                vararg options: String,
            ) = Peer("curl", "-sS", "--max-time", "60", "--cacert", ca, *options, "https://localhost:${server.boundPort}/")

            test("gets a page") {
                onTls {
                    val server = serve(clientConnected = ::hello)
                    get(server).use { curl ->
                        val lines = curl.rest()
                        lines.size shouldBe 10_000
                        lines.last() shouldContain "hello over TLS_"
                    }
                    server.aclose()
                }
            }

            test("refuses a server of another name") {
                onTls {
                    val server = serve(ServerOptions(ssl = serverContext("wrong-host")), ::hello)
                    get(server).use { it.rest().joinToString() shouldContain "curl: (60)" }
                    server.aclose()
                }
            }

            test("shows its certificate") {
                onTls {
                    val context = serverContext().withVerifyLocations(certificate("ca.pem")).withVerifyMode(VerifyMode.CERT_REQUIRED)
                    val server = serve(ServerOptions(ssl = context), ::hello)
                    get(server, "--cert", "${certificate("client.pem")}", "--key", "${certificate("client.key")}").use {
                        it.rest().size shouldBe 10_000
                    }
                    get(server, "--tls-max", "1.2").use { it.rest().joinToString() shouldContain "curl: (" }
                    server.aclose()
                }
            }
        }
    })
