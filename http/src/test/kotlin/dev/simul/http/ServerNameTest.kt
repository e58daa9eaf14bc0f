// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.ServerOptions
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import javax.net.ssl.SSLException

/** Which server a connector asks for in TLS, and which it accepts. */
class ServerNameTest :
    FunSpec({
        val asked = ArrayList<String?>()
        val served = ArrayList<String>()
        beforeTest {
            asked.clear()
            served.clear()
        }

        /** Shows the certificate of `example.org` to those who ask for that, and the one of `localhost` to all others. */
        val choosing =
            serverContext().withSniCallback { name ->
                asked += name
                if (name == "example.org") serverContext("wrong-host") else null
            }

        suspend fun EventLoop.serve(host: String) =
            createHttpServer(host, 443, ServerOptions(ssl = choosing)) {
                served += it.request.target
                it.respond(ResponseHead(200))
            }

        fun onNetwork(body: suspend EventLoop.() -> Unit) {
            val network = MemoryNetwork()
            for (name in listOf("example.org", "other.example", "proxy.example")) network.addHost(name)
            runTest(network) { getRunningLoop().body() }
        }

        suspend fun ask(route: HttpRoute) =
            HttpConnector().use { it.request(route, RequestHead("GET", "/", Headers.of("Host" to "x"))).head.status shouldBe 200 }

        test("a host is asked for by its name, in ASCII and without a dot at its end") {
            onNetwork {
                val servers = listOf("localhost", "example.org").map { serve(it) }
                for (host in listOf("localhost", "example.org")) ask(HttpRoute(host, 443, clientContext()))
                for (name in listOf(
                    "localhost.",
                    "example.org.",
                )) {
                    ask(HttpRoute("example.org", 443, clientContext(), serverHostname = name))
                }
                shouldThrow<SSLException> { ask(HttpRoute("localhost", 443, clientContext(), serverHostname = "b\u00fccher.example")) }
                asked shouldContainExactly listOf("localhost", "example.org", "localhost", "example.org", "xn--bcher-kva.example")
                for (server in servers) server.aclose()
            }
        }

        test("an address is no name to ask for, and the certificate must be for it") {
            onNetwork {
                for (address in listOf("127.0.0.1", "::1")) {
                    val server = serve(address)
                    ask(HttpRoute(address, 443, clientContext()))
                    server.aclose()
                }
                asked shouldContainExactly listOf(null, null)
                val server = serve("127.0.0.2")
                shouldThrow<SSLException> { ask(HttpRoute("127.0.0.2", 443, clientContext())) }
                asked shouldContainExactly listOf(null, null, null)
                served.size shouldBe 2
                server.aclose()
            }
        }

        test("a server of another name gets no request, and no connection is kept to it") {
            onNetwork {
                val reports = ArrayList<String>()
                exceptionHandler = ExceptionHandler { _, report -> reports += report.message }
                val server = serve("other.example")
                HttpConnector().use { connector ->
                    for (name in listOf(null, "example.com")) {
                        val route = HttpRoute("other.example", 443, clientContext(), serverHostname = name)
                        shouldThrow<SSLException> { connector.request(route, RequestHead("GET", "/", Headers.of("Host" to "x"))) }
                        connector.size shouldBe 0
                    }
                }
                asked shouldContainExactly listOf("other.example", "example.com")
                served.shouldBeEmpty()
                server.aclose()
                reports.shouldBeEmpty()
            }
        }

        test("through a proxy, the server is asked for and not the proxy") {
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
            onNetwork {
                val server = serve("example.org")
                val proxy =
                    startServer("proxy.example", 3128) { reader, writer ->
                        reader.readuntil("\r\n\r\n".toByteArray())
                        val (there, to) = openConnection("example.org", 443)
                        writer.write("HTTP/1.1 200 Established\r\n\r\n".toByteArray())
                        val back = createTask { copy(there, writer) }
                        copy(reader, to)
                        back.await()
                    }
                ask(HttpRoute("example.org", 443, clientContext(), proxy = HttpProxy("proxy.example", 3128)))
                val wrong = HttpRoute("other.example", 443, clientContext(), proxy = HttpProxy("proxy.example", 3128))
                shouldThrow<SSLException> { ask(wrong) }
                asked shouldContainExactly listOf("example.org", "other.example")
                served.size shouldBe 1
                for (it in listOf(server, proxy)) it.aclose()
            }
        }
    })
