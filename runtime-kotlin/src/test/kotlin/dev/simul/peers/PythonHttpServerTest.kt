// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.coroutine
import dev.simul.gather
import dev.simul.net.onLoop
import dev.simul.streams.openConnection
import dev.simul.sync.Semaphore
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

private const val LARGE = 10_000_000

/** Our streams talk HTTP to the server that comes with CPython. */
class PythonHttpServerTest :
    FunSpec({
        extension(Needing.python())

        /** Runs [block] with a server of a folder, and a way to send it a request on a connection of its own. */
        fun withServer(block: suspend (File, suspend (String) -> HttpMessage) -> Unit) =
            onLoop {
                val folder = tempdir()
                Program("python3", "-u", "-m", "http.server", "--bind", LOOPBACK, "--directory", "$folder", "0").use { python ->
                    val port = python.line { it.startsWith("Serving HTTP on ") }.substringAfter(" port ").substringBefore(" ").toInt()
                    block(folder) { start ->
                        val (reader, writer) = openConnection(LOOPBACK, port)
                        try {
                            writer.writeHttp(HttpMessage("$start HTTP/1.1", mapOf("host" to LOOPBACK)))
                            val response = reader.readHttp(hasBody = !start.startsWith("HEAD"))!!
                            reader.readHttp().shouldBeNull()
                            response
                        } finally {
                            writer.aclose()
                        }
                    }
                }
            }

        test("files small and large are as they were written") {
            withServer { folder, request ->
                for (size in listOf(0, 1, 1000, LARGE)) {
                    File(folder, "file").writeBytes(pattern(size))
                    val response = request("GET /file")
                    response.status shouldBe 200
                    response.headers["content-length"] shouldBe "$size"
                    response.body.contentEquals(pattern(size)) shouldBe true
                }
            }
        }

        test("a response may have no body, or one that only the end ends") {
            withServer { folder, request ->
                File(folder, "file").writeBytes(pattern(1000))
                request("HEAD /file").headers["content-length"] shouldBe "1000"
                request("GET /").text shouldContain "<a href=\"file\">"
                request("GET /nothing").status shouldBe 404
                request("BREW /coffee").status shouldBe 501
            }
        }

        test("many requests at once are answered") {
            withServer { folder, request ->
                repeat(30) { File(folder, "$it").writeBytes(pattern(it * 10_000)) }
                val atOnce = Semaphore(5) // as many as it lets queue up
                val responses = gather(List(30) { coroutine { atOnce.use { request("GET /$it") } } }).await()
                responses.forEachIndexed { number, response -> response.body.contentEquals(pattern(number * 10_000)) shouldBe true }
            }
        }
    })
