// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.response.respondTextWriter
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.utils.io.cancel
import io.ktor.utils.io.discard
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.readLine
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.net.URI
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.util.concurrent.CopyOnWriteArrayList

class BodyChannelsTest :
    FunSpec({
        test("lengths beyond an Int are lengths") {
            withRoutes({
                post("/") {
                    val body = call.receiveChannel()
                    val first = String(body.readByteArray(5))
                    call.respondText("$first ${call.request.headers["Content-Length"]}")
                    body.cancel()
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000000\r\n\r\nfirst and more")
                    it.answer().second shouldBe "first 3000000000"
                }
            }
        }

        test("a body is read by lines and by numbers of bytes, however it comes") {
            withRoutes({
                post("/lines") {
                    val lines = ArrayList<String>()
                    val body = call.receiveChannel()
                    while (true) lines += body.readLine() ?: break
                    call.respondText(lines.joinToString("|"))
                }
                post("/count") { call.respondText("${call.receiveChannel().discard()}") }
            }) { port ->
                RawConnection(port).use {
                    it.send("POST /lines HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for (piece in listOf("on", "e\ntw", "o\n", "three")) it.send("${piece.length.toString(16)}\r\n$piece\r\n")
                    it.send("0\r\n\r\n")
                    it.answer().second shouldBe "one|two|three"
                    it.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
                    repeat(10) { _ -> it.send("x".repeat(10_000)) }
                    it.answer().second shouldBe "100000"
                }
            }
        }

        test("a body that is written in another thread arrives, and so does one that is read there") {
            val threads = CopyOnWriteArrayList<Boolean>()
            withRoutes({
                post("/") {
                    val body = call.receiveChannel()
                    val size = withContext(Dispatchers.Default) { body.discard() }
                    call.respondBytesWriter {
                        withContext(Dispatchers.Default) {
                            threads += Thread.currentThread().name == "simul-server"
                            writeStringUtf8("$size bytes")
                            flush()
                        }
                        threads += Thread.currentThread().name == "simul-server"
                    }
                }
            }) { port ->
                ask(port, "/", method = "POST", body = text("a".repeat(200_000))).body() shouldBe "200000 bytes"
            }
            threads shouldContainExactly listOf(false, true)
        }

        test("handlers that block in Ktor's blocking forms do not hold up each other") {
            withRoutes({
                get("/{index}") {
                    call.respondTextWriter {
                        Thread.sleep(50)
                        write("OK:${call.parameters["index"]}\n")
                    }
                }
            }) { port ->
                val answers =
                    List(100) {
                        val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port/$it")).build()
                        client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply { answer -> answer.body() }
                    }
                answers.map { it.join() } shouldContainExactly List(100) { "OK:$it\n" }
            }
        }

        test("what a client sends beyond what its handler reads is skipped, and the connection stays") {
            withRoutes({
                post("/") {
                    val body = call.receiveChannel()
                    body.readByteArray(1)
                    call.respondText("one")
                }
            }) { port ->
                RawConnection(port).use {
                    repeat(3) { _ ->
                        it.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + "y".repeat(50_000))
                        val (head, body) = it.answer()
                        head shouldContain "200 OK"
                        body shouldBe "one"
                    }
                }
            }
        }
    })
