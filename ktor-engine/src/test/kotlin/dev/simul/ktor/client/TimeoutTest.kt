// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.onLoop
import dev.simul.ktor.say
import dev.simul.ktor.withPeer
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.ktor.client.HttpClient
import io.ktor.client.call.body
import io.ktor.client.network.sockets.ConnectTimeoutException
import io.ktor.client.plugins.HttpRequestTimeoutException
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.timeout
import io.ktor.client.request.get
import io.ktor.client.request.head
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readLine
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout
import java.net.InetAddress
import java.net.SocketTimeoutException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class TimeoutTest :
    FunSpec({
        /** A peer that never answers below `/never`, sends half of a body below `/half`, and answers all else. */
        fun withSlowPeer(body: suspend (HttpClient, String, () -> Int) -> Unit) {
            var ends = 0
            withPeer({ reader, writer ->
                while (true) {
                    val head = reader.head()
                    when {
                        "/never" in head -> if (reader.read().isEmpty()) ends++
                        "/half" in head -> {
                            writer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi")
                            if (reader.read().isEmpty()) ends++
                        }

                        "/slow" in head -> {
                            writer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
                            repeat(10) {
                                writer.say("x")
                                sleep(15.milliseconds)
                            }
                        }

                        "HEAD" in head -> writer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")

                        else -> writer.answer()
                    }
                }
            }, { install(HttpTimeout) }) { client, port -> body(client, "http://127.0.0.1:$port") { ends } }
        }

        test("a request that takes too long is a HttpRequestTimeoutException, and its connection is closed at once") {
            withSlowPeer { client, url, ends ->
                val failure =
                    shouldThrow<HttpRequestTimeoutException> { client.get("$url/never") { timeout { requestTimeoutMillis = 40 } } }
                failure.message shouldBe "Request timeout has expired [url=$url/never, request_timeout=40 ms]"
                eventually { ends() == 1 }
                shouldThrow<HttpRequestTimeoutException> { client.head("$url/never") { timeout { requestTimeoutMillis = 40 } } }
                shouldThrow<HttpRequestTimeoutException> { client.get("$url/half") { timeout { requestTimeoutMillis = 40 } }.bodyAsText() }
                eventually { ends() == 3 }
                client.get(url) { timeout { requestTimeoutMillis = 1000 } }.bodyAsText() shouldBe "hi"
                client.head(url) { timeout { requestTimeoutMillis = 1000 } }.status.value shouldBe 200
            }
        }

        test("a body whose request is over time is cancelled, also for who reads it elsewhere") {
            withSlowPeer { client, url, ends ->
                val body = client.prepareGet("$url/half") { timeout { requestTimeoutMillis = 60 } }.body<ByteReadChannel>()
                shouldThrow<CancellationException> { body.readLine() }.message!! shouldStartWith "Request timeout has expired"
                body.closedCause!!.message!! shouldStartWith "Request timeout has expired"
                eventually { ends() == 1 }
            }
        }

        test("a silence that is too long is a SocketTimeoutException, before and in the body; progress is none") {
            withSlowPeer { client, url, ends ->
                val failure = shouldThrow<SocketTimeoutException> { client.get("$url/never") { timeout { socketTimeoutMillis = 40 } } }
                failure.message shouldBe "Socket timeout has expired [url=$url/never, socket_timeout=40] ms"
                shouldThrow<SocketTimeoutException> { client.get("$url/half") { timeout { socketTimeoutMillis = 40 } }.bodyAsText() }
                    .message shouldBe "Socket timeout has expired [url=$url/half, socket_timeout=40] ms"
                eventually { ends() == 2 }
                client.get("$url/slow") { timeout { socketTimeoutMillis = 100 } }.bodyAsText() shouldBe "xxxxxxxxxx"
            }
        }

        test("a silence is not repeated on another connection") {
            var requests = 0
            withPeer({ reader, writer ->
                reader.head()
                requests++
                writer.answer()
                reader.head()
                requests++
                reader.read()
            }, { install(HttpTimeout) { socketTimeoutMillis = 50 } }) { client, port ->
                client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi"
                shouldThrow<SocketTimeoutException> { client.get("http://127.0.0.1:$port") }
                requests shouldBe 2
            }
        }

        test("a server that does not read the body is a SocketTimeoutException") {
            withPeer({ reader, _ ->
                reader.head()
                sleep(10.seconds)
            }, { install(HttpTimeout) { socketTimeoutMillis = 100 } }) { client, port ->
                shouldThrow<SocketTimeoutException> { client.post("http://127.0.0.1:$port") { setBody(ByteArray(32 * 1024 * 1024)) } }
            }
        }

        test("a connection that takes too long is a ConnectTimeoutException, which names the limit that counted") {
            onLoop {
                resolver =
                    Resolver {
                        sleep(10.seconds)
                        listOf(InetAddress.getLoopbackAddress())
                    }
                HttpClient(Simul) {
                    install(HttpTimeout)
                    engine { connector = HttpConnectorOptions(connectTimeout = 30.milliseconds) }
                }.use { client ->
                    shouldThrow<ConnectTimeoutException> { client.get("http://slow.test/") { timeout { connectTimeoutMillis = 20 } } }
                        .message shouldBe "Connect timeout has expired [url=http://slow.test/, connect_timeout=20 ms]"
                    shouldThrow<ConnectTimeoutException> { client.get("http://slow.test/") }
                        .message shouldBe "Connect timeout has expired [url=http://slow.test/, connect_timeout=30 ms]"
                }
            }
        }

        test("a time limit around a request ends it, and nothing of it goes on") {
            withSlowPeer { client, url, ends ->
                shouldThrow<TimeoutCancellationException> { withTimeout(40) { client.get("$url/never") } }
                eventually { ends() == 1 }
                shouldThrow<dev.simul.exceptions.TimeoutException> { dev.simul.waitFor(40.milliseconds) { client.get("$url/never") } }
                eventually { ends() == 2 }
            }
        }
    })
