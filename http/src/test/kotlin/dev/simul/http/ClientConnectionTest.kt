// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.net.Server
import dev.simul.sleep
import dev.simul.streams.startServer
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketTimeoutException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ClientConnectionTest :
    FunSpec({
        val get = RequestHead("GET", "/", Headers.of("Host" to "x"))

        /** A server that reads a head and answers with the next of [answers], whatever was asked. */
        suspend fun answering(vararg answers: String): Server =
            startServer("127.0.0.1", 0) { reader, writer ->
                for (answer in answers) {
                    reader.readuntil("\r\n\r\n".toByteArray())
                    writer.write(answer.toByteArray(Charsets.ISO_8859_1))
                }
                writer.close()
            }

        suspend fun connectTo(server: Server) =
            server.loop.openHttpConnection("127.0.0.1", (server.addresses.single() as InetSocketAddress).port)

        test("requests with and without bodies go through one connection, one after the other") {
            withServer(
                { it.respond(ResponseHead(200), ByteBuffer.wrap(("${it.request.method} ".toByteArray() + it.body.read()))) },
            ) { port ->
                openHttpConnection("127.0.0.1", port).use { connection ->
                    val answers =
                        List(3) {
                            val head = RequestHead("POST", "/", Headers.of("Host" to "x"))
                            connection.request(head, RequestBody.of("body $it".toByteArray())).body.read().decodeToString()
                        }
                    answers shouldContainExactly listOf("POST body 0", "POST body 1", "POST body 2")
                    connection.request(get).body.read().decodeToString() shouldBe "GET "
                    connection.isReusable shouldBe true
                }
            }
        }

        test("a large body is read as it comes, in a buffer of any size") {
            val size = 1024 * 1024
            withServer({
                val writer = it.respondStreaming(ResponseHead(200), size.toLong())
                repeat(16) { part -> writer.write(ByteBuffer.wrap(ByteArray(size / 16) { part.toByte() })) }
                writer.finish()
            }) { port ->
                openHttpConnection("127.0.0.1", port).use { connection ->
                    val body = connection.request(get).body
                    val buffer = ByteBuffer.allocateDirect(777)
                    var count = 0
                    while (body.read(buffer.clear()) >= 0) {
                        buffer.flip()
                        while (buffer.hasRemaining()) buffer.get().toInt() shouldBe count++ / (size / 16)
                    }
                    count shouldBe size
                }
            }
        }

        test("what a server says before the first request is the answer to it") {
            onLoop {
                val server =
                    startServer("127.0.0.1", 0) { reader, writer ->
                        writer.write("HTTP/1.1 503 Full\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno".toByteArray())
                        writer.writeEof()
                        reader.read()
                        writer.close()
                    }
                connectTo(server).use { connection ->
                    while (connection.isReusable) sleep(1.milliseconds)
                    val response = connection.request(get)
                    response.head.status shouldBe 503
                    response.body.read().decodeToString() shouldBe "no"
                    shouldThrow<IllegalStateException> { connection.request(get) }
                }
                server.aclose()
            }
        }

        test("a server that ends the connection before the first request has not answered it") {
            onLoop {
                val ended = Event()
                val server =
                    startServer("127.0.0.1", 0) { _, writer ->
                        writer.close()
                        ended.set()
                    }
                connectTo(server).use { connection ->
                    ended.wait()
                    sleep(10.milliseconds)
                    shouldThrow<IOException> { connection.request(get) }
                }
                server.aclose()
            }
        }

        test("a server that does not take the body in time is an error that says so") {
            onLoop {
                val server =
                    startServer("127.0.0.1", 0) { reader, writer ->
                        writer.transport.pauseReading()
                        sleep(60.seconds)
                    }
                connectTo(server).use { connection ->
                    val body = RequestBody.of(ByteArray(20_000_000))
                    val put = RequestHead("PUT", "/", Headers.of("Host" to "x"))
                    val options = RequestOptions(socketTimeout = 20.milliseconds)
                    shouldThrow<SocketTimeoutException> { connection.request(put, body, options) }
                        .message shouldContain "nothing has arrived from /127.0.0.1:"
                }
                server.abortClients()
                server.aclose()
            }
        }

        test("responses that only announce another one are skipped") {
            onLoop {
                val server =
                    answering(
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                    )
                connectTo(server).use { connection ->
                    val response = connection.request(get)
                    response.head.status shouldBe 200
                    response.body.read().decodeToString() shouldBe "hi"
                }
                server.aclose()
            }
        }

        test("a bad response names the server and what was wrong, and its connection is closed") {
            onLoop {
                for ((answer, problem) in listOf(
                    "<html>" to "a response begins with '<' and not with HTTP",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n" to "there is more than one Content-Length",
                    "HTTP/1.1 200 OK\r\nContent-Le" to "the connection ended in the middle of a head",
                    "" to "the connection ended before the response",
                    "HTTP/1.1 102 Processing\r\n\r\n".repeat(101) to "there are more than 100 informational responses",
                )) {
                    val server = answering(answer)
                    connectTo(server).use { connection ->
                        val failure = shouldThrow<HttpException> { connection.request(get) }
                        failure.problem shouldBe problem
                        failure.message shouldContain ", from /127.0.0.1:"
                        connection.isReusable shouldBe false
                    }
                    server.aclose()
                }
            }
        }

        test("a body that is cut short is an error, unless only the end of the connection ends it") {
            onLoop {
                val server = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
                connectTo(server).use { connection ->
                    val failure = shouldThrow<IncompleteMessageException> { connection.request(get).body.read() }
                    failure.message shouldStartWith "the connection ended after 3 of 5 bytes of a body, from "
                }
                server.aclose()
                val open = answering("HTTP/1.1 200 OK\r\n\r\nabc")
                connectTo(open).use { connection ->
                    connection.request(get).body.read().decodeToString() shouldBe "abc"
                    connection.isReusable shouldBe false
                }
                open.aclose()
            }
        }

        test("a connection is not used again before the body is read, nor after an answer that nobody asked for") {
            onLoop {
                val server = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n")
                connectTo(server).use { connection ->
                    val response = connection.request(get)
                    shouldThrow<IllegalStateException> {
                        connection.request(
                            get,
                        )
                    }.message shouldContain "read the body of the last response"
                    response.body.read().decodeToString() shouldBe "hi"
                    connection.isReusable shouldBe false
                }
                server.aclose()
            }
        }
    })
