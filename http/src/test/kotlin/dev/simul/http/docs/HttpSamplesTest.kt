// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.docs

import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.http.HttpServer
import dev.simul.http.RequestHead
import dev.simul.http.ResponseHead
import dev.simul.http.createHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.tls.certificate
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds

private val HttpServer.port get() = (addresses.single() as InetSocketAddress).port

private suspend fun <R> HttpServer.during(body: suspend (Int) -> R): R =
    try {
        body(port)
    } finally {
        aclose()
    }

private fun FunSpec.inMemory(
    name: String,
    body: suspend () -> Unit,
) = test(name) { runTest(MemoryNetwork(), body = body) }

class HttpSamplesTest :
    FunSpec({
        inMemory("the server greets, and the client gets that") {
            greet().during { greeting(it) shouldBe "Hello, Ada!\n" }
        }

        inMemory("a body is counted while it arrives") {
            val server =
                getRunningLoop().createHttpServer("127.0.0.1", 0) { it.respond(ResponseHead(200), ByteBuffer.allocate(1_000_000)) }
            server.during { port ->
                HttpConnector().use { countBytes(it, HttpRoute("127.0.0.1", port), "/large") shouldBe 1_000_000 }
            }
        }

        inMemory("numbers go up one by one, and come back") {
            echo().during { port ->
                HttpConnector().use { connector ->
                    val head = RequestHead("POST", "/", Headers.of("Host" to "127.0.0.1"))
                    val response = connector.request(HttpRoute("127.0.0.1", port), head, Numbers(3))
                    response.body.read().decodeToString() shouldBe "1\n2\n3\n"
                    getRunningLoop().time() shouldBe 3.seconds
                }
            }
        }

        inMemory("a client is patient for a minute") {
            greet().during { port ->
                HttpConnector().use { connector ->
                    val head = RequestHead("GET", "/Ada", Headers.of("Host" to "127.0.0.1"))
                    patient(connector, HttpRoute("127.0.0.1", port), head).decodeToString() shouldBe "Hello, Ada!\n"
                }
            }
        }

        inMemory("a request over TLS") {
            serveOverTls(certificate("server.pem"), certificate("server.key")).during { askOverTls(it, certificate("ca.pem")) shouldBe 204 }
        }

        test("an hour passes at once") { `a client waits an hour for an answer`() }
    })
