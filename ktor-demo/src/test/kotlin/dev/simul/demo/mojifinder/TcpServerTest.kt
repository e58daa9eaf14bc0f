// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.aclosing
import dev.simul.demo.DemoProcess
import dev.simul.demo.LOOPBACK
import dev.simul.demo.programAt
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.TimeUnit
import dev.simul.run as runLoop

private val STATUS = "─".repeat(66)

/** The servers in Kotlin and in Java, in processes of their own. */
class TcpServerTest :
    FunSpec({
        for ((language, options) in mapOf("Kotlin" to emptyList(), "Java" to listOf("--java"))) {
            context("the server in $language") {
                /** A server, and its port. */
                fun started(): Pair<DemoProcess, Int> {
                    val server = DemoProcess("mojifinder", "--tcp", "0", *options.toTypedArray())
                    val serving = server.await(Regex("""^Serving on \('127.0.0.1', (\d+)\). Hit CTRL-C to stop.$"""))
                    server.out.first() shouldBe "Building index."
                    return server to serving.groupValues[1].toInt()
                }

                /** Runs [block] with a server and its port, and ends it. */
                fun serve(block: (DemoProcess, Int) -> Unit) {
                    val (server, port) = started()
                    server.use { block(it, port) }
                }

                /** The port of one server for all who look at nothing but its answers. */
                val sharedPort by lazy { started().also { (server, _) -> autoClose(server) }.second }

                test("answers with a line for each character and the status line, and logs that") {
                    serve { server, port ->
                        TcpClient(port).use { client ->
                            client.untilPrompt() shouldBe ""
                            client.ask("tetragram increase") shouldBe
                                "U+1D312\t\uD834\uDF12\tTETRAGRAM FOR INCREASE\r\n$STATUS 1 found\r\n"
                            client.ask("no such thing") shouldBe "$STATUS 0 found\r\n"
                            client.ask("  ") shouldBe ""
                            client.send("\u0003\r\n".encodeToByteArray())
                            client.isHungUp() shouldBe true
                            server.await(Regex("^Close "))
                            server.out.drop(2) shouldBe
                                listOf(
                                    " From ${client.name}: 'tetragram increase'",
                                    " To ${client.name}: 1 results.",
                                    " From ${client.name}: 'no such thing'",
                                    " To ${client.name}: 0 results.",
                                    " From ${client.name}: ''",
                                    " From ${client.name}: '\\x03'",
                                    "Close ${client.name}.",
                                )
                        }
                    }
                }

                test("hangs up on what is no text, such as the Ctrl-C of telnet, and at the end of the stream") {
                    serve { server, port ->
                        TcpClient(port).use { client ->
                            client.untilPrompt()
                            client.send(byteArrayOf(-1, -12, -1, -3, 6, '\n'.code.toByte()))
                            client.isHungUp() shouldBe true
                            server.await(Regex("^Close"))
                            server.out.last() shouldBe "Close ${client.name}."
                            server.out shouldContain " From ${client.name}: '\\x00'"
                        }
                        TcpClient(port).use { it.untilPrompt() }
                        server.await(Regex("^Close "))
                    }
                }

                test("does without lines that are too long, whatever follows them") {
                    TcpClient(sharedPort).use { client ->
                        client.untilPrompt()
                        client.ask("x".repeat(4095)) shouldBe "$STATUS 0 found\r\n"
                        for (length in listOf(4096, 5000, 1_000_000)) {
                            client.ask("x".repeat(length)) shouldBe "No name is longer than 4096 bytes.\r\n"
                        }
                        client.ask("digit eight") shouldContain "U+0038\t8\tDIGIT EIGHT\r\n"
                    }
                }

                test("talks to many at once") {
                    val clients = List(50) { TcpClient(sharedPort) }
                    for (client in clients) client.untilPrompt()
                    for (client in clients) client.send("chess king\n".encodeToByteArray())
                    val answers = clients.reversed().map { it.untilPrompt() }
                    answers.toSet().single() shouldContain "BLACK CHESS KING"
                    for (client in clients) client.close()
                }

                test("hands over very many characters") {
                    TcpClient(sharedPort).use { client ->
                        client.untilPrompt()
                        val lines = client.ask("letter").removeSuffix("\r\n").split("\r\n")
                        lines.last() shouldBe "$STATUS ${lines.size - 1} found"
                    }
                }

                test("talks to nc").config(enabledOrReasonIf = { onlyWith("nc") }) {
                    val nc = ProcessBuilder("nc", LOOPBACK, "$sharedPort").redirectErrorStream(true).start()
                    try {
                        nc.outputStream.use { it.write("digit eight\n\u0004\n".encodeToByteArray()) }
                        nc.waitFor(60, TimeUnit.SECONDS) shouldBe true
                        nc.inputStream.readBytes().decodeToString() shouldContain "?> U+0038\t8\tDIGIT EIGHT\r\n"
                    } finally {
                        nc.destroyForcibly()
                    }
                }

                test("is shut down by Ctrl-C, and hangs up on everybody").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
                    serve { server, port ->
                        TcpClient(port).use { client ->
                            client.untilPrompt()
                            TcpClient(port).use { idle ->
                                idle.untilPrompt()
                                server.interrupt()
                                client.isHungUp() shouldBe true
                                idle.isHungUp() shouldBe true
                                server.end() shouldBe 0
                                server.out shouldContainAll listOf("Close ${client.name}.", "Close ${idle.name}.")
                            }
                        }
                        server.out.takeLast(2) shouldBe listOf("", "Server shut down.")
                        server.complaints.shouldBeEmpty()
                    }
                }

                test("does not wait for clients that take nothing").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
                    serve { server, port ->
                        TcpClient(port).use { client ->
                            client.untilPrompt()
                            repeat(20) { client.send("cjk\n".encodeToByteArray()) }
                            server.await(Regex("From"))
                            server.interrupt()
                            server.end() shouldBe 0
                            server.complaints.shouldBeEmpty()
                        }
                    }
                }

                test("tells which port is in use, and ends") {
                    ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)).use { taken ->
                        DemoProcess("mojifinder", "--tcp", "${taken.localPort}", *options.toTypedArray()).use { server ->
                            server.end() shouldBe 1
                            val complaint = server.complaints.single()
                            complaint shouldContain "Error: cannot listen at port ${taken.localPort} of 127.0.0.1: address already in use"
                            complaint shouldEndWith "or give another port (--tcp 0 finds one)"
                        }
                    }
                }
            }
        }

        test("a long answer does not keep a short one waiting") {
            runLoop {
                val answered = ArrayList<String>()
                val index = InvertedIndex()
                val clients = ArrayList<TcpClient>()
                val log = { line: String ->
                    if (line.startsWith(" From ") && "letter" in line) clients[1].send("tetragram increase\n".encodeToByteArray())
                    if (line.startsWith(" To ")) answered += line.substringAfter("): ")
                }
                aclosing(TcpServer(index, log)) { server ->
                    val port = server.start(0).port
                    toThread {
                        repeat(2) { clients += TcpClient(port).also { client -> client.untilPrompt() } }
                        clients[0].send("letter\n".encodeToByteArray())
                        clients.reversed().forEach { it.use { client -> client.untilPrompt() } }
                    }
                }
                answered.size shouldBe 2
                answered.first() shouldBe "1 results."
            }
        }
    })

private fun onlyWith(program: String) = if (programAt(program) != null) Enabled.enabled else Enabled.disabled("install $program")
