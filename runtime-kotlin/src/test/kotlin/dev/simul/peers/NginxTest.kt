// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.createTask
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.recordReports
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.taskGroup
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.io.File

private const val LARGE = 20_000_000
private const val BODY = 10_000_000

/** Nginx serves us, and stands in front of us. */
class NginxTest :
    FunSpec({
        extension(Needing(nginxCommand, "-v"))

        fun request(
            target: String,
            body: ByteArray = ByteArray(0),
        ) = HttpMessage("${if (body.isEmpty()) "GET" else "PUT"} $target HTTP/1.1", mapOf("host" to LOOPBACK), body)

        fun ok(body: ByteArray) = HttpMessage("HTTP/1.1 200 OK", body = body)

        /** Runs [block] with an Nginx, whose folder of files it gets, and that has a server with our [answer]s behind it. */
        fun withNginx(
            answer: suspend (HttpMessage) -> HttpMessage = { ok(it.body) },
            chunked: Boolean = false,
            block: suspend (File, Nginx) -> Unit,
        ) = onLoop { loop ->
            val reports = loop.recordReports()
            val folder = tempdir()
            val files = File(folder, "files").also { it.mkdir() }
            val server = startHttpServer(chunked, answer)
            Nginx.start(folder, server.port).use { block(files, it) }
            server.aclose()
            reports.shouldBeEmpty()
        }

        /** Runs [block] with a connection to this, and closes it. */
        suspend fun Nginx.connected(block: suspend (StreamReader, StreamWriter) -> Unit) {
            val (reader, writer) = connect()
            try {
                block(reader, writer)
            } finally {
                writer.aclose()
            }
        }

        context("serves files:") {
            test("many by one connection, and a large one among them") {
                withNginx { files, nginx ->
                    val sizes = listOf(0, 1, 1000, LARGE, 70_000)
                    for (size in sizes) File(files, "$size").writeBytes(pattern(size))
                    nginx.connected { reader, writer ->
                        for (size in sizes) {
                            writer.writeHttp(request("/$size"))
                            val response = reader.readHttp()!!
                            response.status shouldBe 200
                            response.body.contentEquals(pattern(size)) shouldBe true
                        }
                        writer.writeHttp(request("/nothing"))
                        reader.readHttp()!!.status shouldBe 404
                    }
                }
            }

            test("requests that are sent without waiting for answers are answered in order") {
                withNginx { files, nginx ->
                    val numbers = 0 until 200
                    for (number in numbers) File(files, "$number").writeText("file $number")
                    nginx.connected { reader, writer ->
                        val asking = createTask { for (number in numbers) writer.writeHttp(request("/$number")) }
                        numbers.map { reader.readHttp()!!.text } shouldContainExactly numbers.map { "file $it" }
                        asking.await()
                    }
                }
            }

            test("a request to close is the end of the stream") {
                withNginx { files, nginx ->
                    File(files, "file").writeText("hello")
                    nginx.connected { reader, writer ->
                        writer.writeHttp(HttpMessage("GET /file HTTP/1.1", mapOf("host" to LOOPBACK, "connection" to "close")))
                        reader.readHttp()!!.text shouldBe "hello"
                        reader.readHttp().shouldBeNull()
                    }
                }
            }
        }

        context("in front of our server:") {
            for (chunked in listOf(false, true)) {
                for (place in listOf("/ours/", "/ours/unbuffered/")) {
                    test("10 MB go through $place and come back ${if (chunked) "in chunks" else "with their length"}") {
                        withNginx(chunked = chunked) { _, nginx ->
                            nginx.connected { reader, writer ->
                                for (size in listOf(1, 100_000, BODY)) {
                                    writer.writeHttp(request(place, pattern(size)), chunked)
                                    val response = reader.readHttp()!!
                                    response.status shouldBe 200
                                    response.body.contentEquals(pattern(size)) shouldBe true
                                }
                            }
                        }
                    }
                }
            }

            test("many clients at once are answered") {
                val clients = 30
                val requests = 20
                withNginx(answer = { ok(it.target.encodeToByteArray()) }) { _, nginx ->
                    taskGroup { group ->
                        repeat(clients) { client ->
                            group.createTask {
                                nginx.connected { reader, writer ->
                                    repeat(requests) { number ->
                                        writer.writeHttp(request("/ours/$client/$number"))
                                        reader.readHttp()!!.text shouldBe "/ours/$client/$number"
                                    }
                                }
                            }
                        }
                    }
                }
            }

            test("what we fail to answer is a bad gateway, and the next request is answered") {
                onLoop { loop ->
                    val reports = loop.recordReports()
                    val folder = tempdir()
                    val server = startHttpServer { if (it.target == "/ours/bad") error("cannot answer") else ok(it.body) }
                    Nginx.start(folder, server.port).use { nginx ->
                        nginx.connected { reader, writer ->
                            writer.writeHttp(request("/ours/bad"))
                            reader.readHttp()!!.status shouldBe 502
                            writer.writeHttp(request("/ours/good", pattern(10)))
                            reader.readHttp()!!.body.size shouldBe 10
                        }
                    }
                    server.aclose()
                    reports.map { it.exception!!.message } shouldContainExactly listOf("cannot answer")
                }
            }
        }
    })
