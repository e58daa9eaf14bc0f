// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.http.ProxyException
import dev.simul.ktor.answer
import dev.simul.ktor.head
import dev.simul.ktor.onLoop
import dev.simul.ktor.port
import dev.simul.ktor.say
import dev.simul.ktor.withPeer
import dev.simul.net.ServerOptions
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.streams.startUnixServer
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.ktor.client.HttpClient
import io.ktor.client.engine.ProxyBuilder
import io.ktor.client.engine.http
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.unixSocket
import io.ktor.client.statement.bodyAsText
import io.ktor.http.HttpHeaders
import io.ktor.http.Url
import java.net.ProxySelector
import java.nio.file.Files
import javax.net.ssl.SSLException

/** Ways to a server: TLS, Unix sockets, proxies. */
class RoutesTest :
    FunSpec({
        suspend fun serve(
            reader: StreamReader,
            writer: StreamWriter,
        ) {
            while (true) {
                val head = reader.head()
                writer.answer("from ${Regex("Host: (\\S+)").find(head)!!.groupValues[1].substringBefore(':')}")
            }
        }

        /** Copies what comes from either side to the other, after the proxy's answer. */
        suspend fun tunnel(
            reader: StreamReader,
            writer: StreamWriter,
        ) {
            val (_, port) = reader.head().substringAfter(' ').substringBefore(' ').split(':')
            val (there, to) = openConnection("127.0.0.1", port.toInt())
            writer.say("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")

            suspend fun copy(
                from: StreamReader,
                into: StreamWriter,
            ) {
                while (true) {
                    val bytes = from.read(10_000)
                    if (bytes.isEmpty()) return into.close()
                    into.write(bytes)
                }
            }
            val back = dev.simul.loop.getRunningLoop().createTask { copy(there, writer) }
            copy(reader, to)
            back.await()
        }

        suspend fun withTlsPeer(
            certificate: String,
            body: suspend (Int) -> Unit,
        ) {
            val server =
                startServer(
                    "127.0.0.1",
                    0,
                    options = ServerOptions(ssl = serverContext(certificate)),
                ) { reader, writer -> serve(reader, writer) }
            try {
                body(server.port)
            } finally {
                server.abortClients()
                server.aclose()
            }
        }

        fun secure(configure: SimulClientConfig.() -> Unit = {}) =
            HttpClient(Simul) {
                engine {
                    ssl = clientContext()
                    configure()
                }
            }

        test("TLS to a server whose certificate an authority of ours has signed") {
            onLoop {
                withTlsPeer("server") { port ->
                    secure().use { client -> repeat(3) { client.get("https://localhost:$port/").bodyAsText() shouldBe "from localhost" } }
                }
            }
        }

        test("a certificate for another name, of nobody known, or of the past, is an exception that says so") {
            onLoop {
                val problems =
                    listOf(
                        Triple("wrong-host", clientContext(), "localhost"),
                        Triple("server", null, "unable to find valid certification path"),
                        Triple("expired", clientContext(), "validity check failed"),
                    )
                for ((certificate, context, problem) in problems) {
                    withTlsPeer(certificate) { port ->
                        HttpClient(Simul) { engine { ssl = context } }.use { client ->
                            val failure = shouldThrow<SSLException> { client.get("https://localhost:$port/") }
                            val said = generateSequence<Throwable>(failure) { it.cause }.joinToString { it.message ?: "" }
                            said shouldContain problem
                        }
                    }
                }
            }
        }

        test("a server is asked for by its name, an address is none, and a server of another name gets no request") {
            val network = MemoryNetwork().apply { listOf("example.org", "other.example").forEach { addHost(it) } }
            val asked = ArrayList<String?>()
            var served = 0
            val choosing =
                serverContext().withSniCallback { name ->
                    asked += name
                    if (name == "example.org") serverContext("wrong-host") else null
                }
            runTest(network) {
                val servers =
                    listOf("localhost", "::1", "example.org", "other.example").map { host ->
                        startServer(host, 443, options = ServerOptions(ssl = choosing)) { reader, writer ->
                            reader.head()
                            served++
                            writer.answer()
                            writer.close()
                        }
                    }
                secure().use { client ->
                    for (host in listOf(
                        "localhost",
                        "127.0.0.1",
                        "[::1]",
                        "example.org",
                    )) {
                        client.get("https://$host/").bodyAsText() shouldBe "hi"
                    }
                    for (scheme in listOf("https", "wss")) shouldThrow<SSLException> { client.get("$scheme://other.example/") }
                }
                for (server in servers) server.aclose()
            }
            asked shouldBe listOf("localhost", null, null, "example.org", "other.example", "other.example")
            served shouldBe 4
        }

        test("a server that speaks no TLS is an exception, and so is TLS to who expects none") {
            withPeer({ reader, writer ->
                reader.read(10)
                writer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                writer.close()
            }) { _, port ->
                secure().use { shouldThrow<SSLException> { it.get("https://localhost:$port/") } }
            }
        }

        test("a Unix socket is reached by its path, whatever the host") {
            onLoop {
                val path = Files.createTempDirectory("simul").resolve("http")
                val server = startUnixServer(path) { reader, writer -> serve(reader, writer) }
                HttpClient(Simul).use { client ->
                    repeat(2) { client.get("http://example.org/") { unixSocket("$path") }.bodyAsText() shouldBe "from example.org" }
                }
                server.abortClients()
                server.aclose()
                Files.deleteIfExists(path)
            }
        }

        test("a proxy gets whole URLs, with its credentials, and serves many hosts through one connection") {
            val heads = ArrayList<String>()
            var connections = 0
            withPeer({ reader, writer ->
                connections++
                while (true) {
                    heads += reader.head()
                    writer.answer()
                }
            }) { _, port ->
                HttpClient(Simul) { engine { proxy = ProxyBuilder.http(Url("http://127.0.0.1:$port")) } }.use { client ->
                    client.get("http://one.test/a?b") { header(HttpHeaders.ProxyAuthorization, "Basic YTpi") }
                    client.get("http://two.test:8080/")
                }
                heads[0] shouldContain "GET http://one.test/a?b HTTP/1.1\r\n"
                heads[0] shouldContain "Proxy-Authorization: Basic YTpi\r\n"
                heads[0] shouldContain "Host: one.test\r\n"
                heads[1] shouldContain "GET http://two.test:8080/ HTTP/1.1\r\n"
                heads[1] shouldNotContain "Proxy-Authorization"
                connections shouldBe 1
            }
        }

        test("TLS goes through a tunnel of the proxy, whose credentials the server does not see") {
            onLoop {
                val heads = ArrayList<String>()
                val origin =
                    startServer("127.0.0.1", 0, options = ServerOptions(ssl = serverContext())) { reader, writer ->
                        while (true) {
                            heads += reader.head()
                            writer.answer("through")
                        }
                    }
                val proxy = startServer("127.0.0.1", 0) { reader, writer -> tunnel(reader, writer) }
                secure { this.proxy = ProxyBuilder.http("http://127.0.0.1:${proxy.port}") }.use { client ->
                    repeat(2) {
                        client
                            .get("https://localhost:${origin.port}/") { header(HttpHeaders.ProxyAuthorization, "Basic YTpi") }
                            .bodyAsText() shouldBe "through"
                    }
                }
                heads.size shouldBe 2
                heads.forEach { it shouldNotContain "Proxy-Authorization" }
                for (server in listOf(origin, proxy)) {
                    server.abortClients()
                    server.aclose()
                }
            }
        }

        test("a proxy that refuses a tunnel is an exception with its answer") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            }) { _, port ->
                secure { proxy = ProxyBuilder.http("http://127.0.0.1:$port") }.use { client ->
                    val failure = shouldThrow<ProxyException> { client.get("https://example.org/") }
                    failure.response.status shouldBe 407
                    failure.message shouldContain "https://example.org:443"
                }
            }
        }

        test("the JVM's proxy counts if none is configured, and not for local servers that it leaves out") {
            val heads = ArrayList<String>()
            withPeer({ reader, writer ->
                while (true) {
                    heads += reader.head()
                    writer.answer()
                }
            }) { _, port ->
                val before = ProxySelector.getDefault()
                ProxySelector.setDefault(ProxySelector.of(java.net.InetSocketAddress("127.0.0.1", port)))
                try {
                    HttpClient(Simul).use { it.get("http://far.test/").bodyAsText() shouldBe "hi" }
                    HttpClient(Simul) { engine { proxy = java.net.Proxy.NO_PROXY } }.use { it.get("http://127.0.0.1:$port/near") }
                } finally {
                    ProxySelector.setDefault(before)
                }
                heads.map { it.lines().first() } shouldBe listOf("GET http://far.test/ HTTP/1.1", "GET /near HTTP/1.1")
            }
        }
    })
