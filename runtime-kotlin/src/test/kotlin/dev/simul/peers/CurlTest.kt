// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.net.Server
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.recordReports
import dev.simul.streams.startServer
import dev.simul.transports.ConnectionException
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.File
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel

private const val LARGE = 10_000_000

/** curl talks HTTP to servers on our streams. */
class CurlTest :
    FunSpec({
        extension(Needing("curl", "-V"))

        /** Runs curl with [arguments], and returns what it has said. */
        suspend fun curl(
            vararg arguments: String,
            status: Int = 0,
        ): String =
            Program(listOf("curl", "-q", "-sS", "--max-time", "60", "--noproxy", "*") + arguments).use {
                check(it.status() == status) { "curl has ended with ${it.status()} instead of $status; it said:\n${it.output}" }
                it.output
            }

        fun Server.url(path: String) = "http://$LOOPBACK:$port/$path"

        /** Runs [block] with a server that gives [answer]s, which is closed when all connections are. */
        fun serve(
            chunked: Boolean = false,
            answer: suspend (HttpMessage) -> HttpMessage,
            block: suspend (Server) -> Unit,
        ) = onLoop { loop ->
            val reports = loop.recordReports()
            val server = startHttpServer(chunked, answer)
            block(server)
            server.aclose()
            reports.shouldBeEmpty()
        }

        fun ok(body: ByteArray) = HttpMessage("HTTP/1.1 200 OK", body = body)

        fun echo(request: HttpMessage) = ok(request.body)

        fun largeFile(): File = File(tempdir(), "large").also { it.writeBytes(pattern(LARGE)) }

        test("one connection serves several requests") {
            val targets = mutableListOf<String>()
            serve(answer = { ok("${it.target.also(targets::add)}\n".encodeToByteArray()) }) { server ->
                curl(server.url("one"), server.url("two"), server.url("three"), "-w", "%{num_connects}\\n").lines() shouldContainExactly
                    listOf("/one", "1", "/two", "0", "/three", "0")
            }
            targets shouldContainExactly listOf("/one", "/two", "/three")
        }

        test("many connections at once are served") {
            serve(answer = { ok("${it.target}\n".encodeToByteArray()) }) { server ->
                val folder = tempdir()
                curl("-Z", "--parallel-max", "20", "-o", "$folder/#1", server.url("[1-60]"))
                List(60) { File(folder, "${it + 1}").readText() } shouldContainExactly List(60) { "/${it + 1}\n" }
            }
        }

        for (chunked in listOf(false, true)) {
            val manner = if (chunked) "in chunks" else "with their length"

            test("10 MB are received, and sent back, $manner") {
                val result = File(tempdir(), "result")
                serve(chunked, ::echo) { server ->
                    val framing = if (chunked) "Transfer-Encoding: chunked" else "X-Framing: length"
                    curl("-T", "${largeFile()}", "-H", framing, "-o", "$result", server.url("echo"))
                }
                result.readBytes().contentEquals(pattern(LARGE)) shouldBe true
            }
        }

        test("whoever expects to be told to continue is told so, and sends in chunks then") {
            val requests = mutableListOf<HttpMessage>()
            serve(answer = { echo(it.also(requests::add)) }) { server ->
                val sizes =
                    curl(
                        *arrayOf("-v", "-T", "${largeFile()}", "-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked"),
                        *arrayOf("--expect100-timeout", "60", "-o", "/dev/null", "-w", "sent %{size_upload}, received %{size_download}\\n"),
                        server.url("echo"),
                    )
                sizes shouldContain "< HTTP/1.1 100 Continue"
                sizes shouldContain "< HTTP/1.1 200 OK"
                sizes shouldContain ", received $LARGE"
            }
            requests.single().headers["transfer-encoding"] shouldBe "chunked"
            requests.single().body.contentEquals(pattern(LARGE)) shouldBe true
        }

        test("a client that receives slowly gets all of it") {
            val result = File(tempdir(), "result")
            serve(answer = { ok(pattern(LARGE)) }) { server -> curl("--limit-rate", "20M", "-o", "$result", server.url("large")) }
            result.readBytes().contentEquals(pattern(LARGE)) shouldBe true
        }

        test("a client that leaves in the middle is a connection that is lost, and the next one is served") {
            onLoop { loop ->
                val reports = loop.recordReports()
                val server = startHttpServer { ok(pattern(LARGE * 3)) }
                curl("--max-filesize", "1000", "-o", "/dev/null", server.url("large"), status = 63)
                curl("-o", "/dev/null", server.url("large"))
                server.aclose()
                reports.single().exception.shouldBeInstanceOf<ConnectionException>()
            }
        }

        context("curl can tell how a connection ends:") {
            /** Sends a part of an answer, and closes after [end]. */
            fun breakOff(
                status: Int,
                end: (SocketChannel) -> Unit,
            ) = onLoop {
                val server =
                    startServer(LOOPBACK, 0) { reader, writer ->
                        reader.readHttp()
                        writer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfirst".encodeToByteArray())
                        end(writer.getExtraInfo("socket") as SocketChannel)
                        writer.close()
                    }
                curl(server.url("broken"), status = status)
                server.aclose()
            }

            test("closed too early") { breakOff(status = 18) {} }

            test("reset") { breakOff(status = 56) { it.setOption(StandardSocketOptions.SO_LINGER, 0) } }
        }
    })
