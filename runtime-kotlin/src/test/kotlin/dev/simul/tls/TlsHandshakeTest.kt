// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Networks
import dev.simul.net.ServerOptions
import dev.simul.net.createConnection
import dev.simul.net.createServer
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.recordReports
import dev.simul.transports.ConnectionAbortedException
import dev.simul.transports.ConnectionResetException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.net.InetSocketAddress
import java.security.cert.X509Certificate
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import kotlin.time.Duration.Companion.milliseconds

/** Connects in vain to a server that shows the certificate called [name]; both protocols must hear nothing of it. */
private suspend inline fun <reified E : Throwable> EventLoop.shouldFail(
    server: ServerOptions,
    client: ConnectionOptions,
): E {
    val reports = recordReports()
    val listening = createServer("localhost", 0, server) { TlsProbe(this) }
    val probe = TlsProbe()
    val failure = shouldThrow<E> { createConnection("localhost", listening.boundPort, client) { probe } }
    listening.aclose() // when its side of the connection is gone
    probe.events.shouldBeEmpty()
    reports.shouldBeEmpty()
    return failure
}

internal class TlsHandshakeTest : TlsHandshakeBehaviour(Networks.REAL)

internal class TlsHandshakeInMemoryTest : TlsHandshakeBehaviour(Networks.MEMORY)

/** How connections over TLS begin, whatever carries them. */
internal abstract class TlsHandshakeBehaviour(
    network: Networks,
) : FunSpec({
        fun onTls(test: suspend EventLoop.() -> Unit) = network.onLoop(test)

        test("the protocol is told of the connection after the handshake, and knows all about it") {
            onTls {
                val pair = tlsPair()
                val transport = pair.clientSide.transport
                pair.clientSide.events shouldContainExactly listOf("made")
                (transport.getExtraInfo("sslcontext") as SslContext).purpose shouldBe Purpose.SERVER_AUTH
                (transport.getExtraInfo("ssl_object") as SSLEngine).session.protocol shouldBe "TLSv1.3"
                (transport.getExtraInfo("peercert") as X509Certificate).subjectX500Principal.name shouldBe "CN=localhost"
                (transport.getExtraInfo("cipher") as String) shouldStartWith "TLS_"
                (transport.getExtraInfo("peername") as InetSocketAddress).port shouldBe pair.server.boundPort
                transport.getExtraInfo("sockname") shouldBe pair.serverSide.transport.getExtraInfo("peername")
                transport.getExtraInfo("socket").shouldNotBeNull()
                transport.getExtraInfo("nonsense").shouldBeNull()
                pair.serverSide.transport.getExtraInfo("peercert").shouldBeNull()
                transport.protocol shouldBeSameInstanceAs pair.clientSide
                pair.end()
            }
        }

        context("a client refuses a certificate") {
            fun serving(name: String) = ServerOptions(ssl = serverContext(name))
            val client = ConnectionOptions(ssl = clientContext())

            test("that has expired") {
                onTls {
                    shouldFail<SslCertVerificationException>(
                        serving("expired"),
                        client,
                    ).message shouldContain "certificate verify failed"
                }
            }
            test("that is signed by itself") {
                onTls { shouldFail<SslCertVerificationException>(serving("self-signed"), client) }
            }
            test("of another host") {
                onTls { shouldFail<SslCertVerificationException>(serving("wrong-host"), client).message shouldContain "localhost" }
            }
            test("of the host, if another name is asked for") {
                val named = ConnectionOptions(ssl = clientContext(), serverHostname = "example.org")
                onTls { shouldFail<SslCertVerificationException>(serving("server"), named) }
            }
            test("of an authority that it does not know") {
                onTls {
                    shouldFail<SslCertVerificationException>(
                        serving("server"),
                        ConnectionOptions(ssl = SslContext.createDefaultContext()),
                    )
                }
            }
        }

        context("a client accepts a certificate") {
            suspend fun EventLoop.shouldConnect(
                name: String,
                client: ConnectionOptions,
            ) = tlsPair(server = ServerOptions(ssl = serverContext(name)), client = client).end()

            test("of any host, if it does not check their names") {
                onTls { shouldConnect("wrong-host", ConnectionOptions(ssl = clientContext().withCheckHostname(false))) }
            }
            test("of the name that it asks for") {
                onTls { shouldConnect("wrong-host", ConnectionOptions(ssl = clientContext(), serverHostname = "example.org")) }
            }
            test("of the address that it asks for") {
                onTls { shouldConnect("server", ConnectionOptions(ssl = clientContext(), serverHostname = "127.0.0.1")) }
            }
            test("of an authority in between, which the server shows") {
                onTls { shouldConnect("chain", ConnectionOptions(ssl = clientContext())) }
            }
            test("of any kind, if it verifies nothing") {
                val careless = SslContext.createDefaultContext().withCheckHostname(false).withVerifyMode(VerifyMode.CERT_NONE)
                onTls { shouldConnect("expired", ConnectionOptions(ssl = careless, serverHostname = "")) }
            }
        }

        test("one that was not verified is not taken on trust by a context that verifies") {
            onTls {
                val server = createServer("localhost", 0, ServerOptions(ssl = serverContext("self-signed"))) { TlsProbe() }
                val careful = clientContext()
                val careless = careful.withCheckHostname(false).withVerifyMode(VerifyMode.CERT_NONE)
                for (context in listOf(careless, careless)) {
                    val probe = TlsProbe()
                    createConnection("localhost", server.boundPort, ConnectionOptions(ssl = context)) { probe }
                    probe.transport.close()
                    probe.lost.await()
                }
                shouldThrow<SslCertVerificationException> {
                    createConnection("localhost", server.boundPort, ConnectionOptions(ssl = careful)) { TlsProbe() }
                }
                server.aclose()
            }
        }

        context("a server that demands certificates of its clients") {
            val server =
                ServerOptions(ssl = serverContext().withVerifyLocations(certificate("ca.pem")).withVerifyMode(VerifyMode.CERT_REQUIRED))
            val known = clientContext().withCertChain(certificate("client.pem"), certificate("client.key"))

            test("knows who they are") {
                onTls {
                    val pair = tlsPair(server = server, client = ConnectionOptions(ssl = known))
                    (pair.serverSide.transport.getExtraInfo("peercert") as X509Certificate).subjectX500Principal.name shouldBe "CN=a client"
                    pair.end()
                }
            }
            test("refuses those without, in the handshake") {
                onTls {
                    val client = ConnectionOptions(ssl = clientContext().withMaximumVersion(TlsVersion.TLS_1_2))
                    shouldFail<SSLHandshakeException>(server, client)
                }
            }
            test("refuses those without, in TLS 1.3 after the client's side of the handshake") {
                onTls {
                    val listening = createServer("localhost", 0, server) { TlsProbe(this) }
                    val probe = TlsProbe()
                    createConnection("localhost", listening.boundPort, ConnectionOptions(ssl = clientContext())) { probe }
                    probe.lost.await().shouldBeInstanceOf<SSLException>()
                    listening.aclose()
                }
            }
            test("accepts those without, if a certificate is optional") {
                onTls {
                    val lenient = ServerOptions(ssl = server.ssl!!.withVerifyMode(VerifyMode.CERT_OPTIONAL))
                    val pair = tlsPair(server = lenient)
                    pair.serverSide.transport.getExtraInfo("peercert").shouldBeNull()
                    pair.end()
                }
            }
            test("trusts nobody if it was not told whom") {
                onTls {
                    val distrusting = ServerOptions(ssl = serverContext().withVerifyMode(VerifyMode.CERT_REQUIRED))
                    val client = ConnectionOptions(ssl = known.withMaximumVersion(TlsVersion.TLS_1_2))
                    shouldFail<SSLException>(distrusting, client)
                }
            }
        }

        context("agreeing") {
            suspend fun EventLoop.agreed(
                server: List<String>,
                client: List<String>,
            ): String {
                val pair =
                    tlsPair(
                        server = ServerOptions(ssl = serverContext().withAlpnProtocols(*server.toTypedArray())),
                        client = ConnectionOptions(ssl = clientContext().withAlpnProtocols(*client.toTypedArray())),
                    )
                val (one, other) = listOf(pair.clientSide, pair.serverSide).map { it.transport.getExtraInfo("ssl_object") as SSLEngine }
                one.applicationProtocol shouldBe other.applicationProtocol
                pair.end()
                return one.applicationProtocol
            }

            test("on a protocol, the server's best one wins") {
                onTls { agreed(server = listOf("h2", "http/1.1"), client = listOf("http/1.1", "h2")) shouldBe "h2" }
            }
            test("on no protocol, if there is none in common") {
                onTls { agreed(server = listOf("h2"), client = listOf("http/1.1")) shouldBe "" }
            }
            test("on no protocol, if one side offers none") {
                onTls { agreed(server = emptyList(), client = listOf("h2")) shouldBe "" }
            }
            test("on no version fails") {
                onTls {
                    shouldFail<SSLHandshakeException>(
                        ServerOptions(ssl = serverContext().withMinimumVersion(TlsVersion.TLS_1_3)),
                        ConnectionOptions(ssl = clientContext().withMaximumVersion(TlsVersion.TLS_1_2)),
                    )
                }
            }
        }

        context("a server that chooses by the name") {
            val asked = ArrayList<String?>()
            beforeTest { asked.clear() }
            val choosing =
                serverContext("server").withSniCallback { name ->
                    asked += name
                    if (name == "example.org") serverContext("wrong-host") else null
                }

            test("shows the certificate of the host that is asked for") {
                onTls {
                    val client = ConnectionOptions(ssl = clientContext(), serverHostname = "example.org")
                    val pair = tlsPair(server = ServerOptions(ssl = choosing), client = client)
                    (pair.serverSide.transport.getExtraInfo("sslcontext") as SslContext).sniCallback.shouldBeNull()
                    pair.end()
                }
                asked shouldContainExactly listOf("example.org")
            }
            test("shows its own if it chooses none") {
                onTls { tlsPair(server = ServerOptions(ssl = choosing)).end() }
                asked shouldContainExactly listOf("localhost")
            }
            test("is asked for no name by those who know only its address") {
                onTls {
                    tlsPair(
                        server = ServerOptions(ssl = choosing),
                        client = ConnectionOptions(ssl = clientContext(), serverHostname = "127.0.0.1"),
                    ).end()
                }
                asked shouldContainExactly listOf(null)
            }
            for (name in listOf(
                "loc\nlhost",
                "loc\u0000lhost",
                "loc\u00e4lhost",
                "localhos.",
                ".ocalhost",
                "loc..host",
                "[::1]:443",
                "a b<c>d/e",
            )) {
                test("is not asked for what is no host name: ${name.encodeToByteArray().toHexString()}") {
                    onTls {
                        val server = createServer("localhost", 0, ServerOptions(ssl = choosing)) { TlsProbe(this) }
                        val client = TlsProbe()
                        val transport = createConnection("localhost", server.boundPort) { client }.transport
                        val hello = helloTo("localhost").toString(Charsets.ISO_8859_1)
                        transport.write(hello.replace("localhost", name).toByteArray(Charsets.ISO_8859_1))
                        client.lost.await()
                        // A fatal alert: unrecognized_name.
                        client.received.toString().toByteArray(Charsets.ISO_8859_1) shouldBe byteArrayOf(21, 3, 3, 0, 2, 2, 112)
                        server.aclose()
                    }
                    asked.shouldBeEmpty()
                }
            }
            test("ends the connection if it fails") {
                onTls {
                    val reports = recordReports()
                    val failing = serverContext().withSniCallback { throw IllegalStateException("no such host") }
                    val server = createServer("localhost", 0, ServerOptions(ssl = failing)) { TlsProbe(this) }
                    shouldThrow<SSLHandshakeException> {
                        createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { TlsProbe() }
                    }.message shouldContain "handshake_failure"
                    server.aclose()
                    reports.single().exception?.message shouldBe "no such host"
                }
            }
        }

        context("with a peer that speaks no TLS") {
            test("a client fails, and says why") {
                onTls {
                    val server = createServer("localhost", 0) { TlsProbe(onMade = { it.write("220 ready\r\n".toByteArray()) }) }
                    val failure =
                        shouldThrow<SSLException> {
                            createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { TlsProbe() }
                        }
                    failure.message shouldContain "does not speak TLS"
                    server.aclose()
                }
            }
            test("a server ends the connection and goes on") {
                onTls {
                    val served = ArrayList<TlsProbe>()
                    val server = createServer("localhost", 0, ServerOptions(ssl = serverContext())) { TlsProbe(this).also { served += it } }
                    val plain = TlsProbe()
                    createConnection("localhost", server.boundPort) { plain }
                    plain.transport.write("GET / HTTP/1.1\r\n\r\n".toByteArray())
                    plain.lost.await()
                    served.single().events.shouldBeEmpty()

                    val probe = TlsProbe()
                    createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { probe }
                    probe.transport.close()
                    server.aclose()
                }
            }
        }

        context("a handshake") {
            val impatient = ConnectionOptions(ssl = clientContext(), sslHandshakeTimeout = 100.milliseconds)

            test("that never ends is given up by the client") {
                onTls {
                    val silent = TlsProbe()
                    val server = createServer("localhost", 0) { silent }
                    val failure =
                        shouldThrow<ConnectionAbortedException> {
                            createConnection("localhost", server.boundPort, impatient) { TlsProbe() }
                        }
                    failure.message shouldContain "SSL handshake is taking longer than 100ms"
                    silent.lost.await()
                    server.aclose()
                }
            }
            test("that never ends is given up by the server") {
                onTls {
                    val options = ServerOptions(ssl = serverContext(), sslHandshakeTimeout = 100.milliseconds)
                    val server = createServer("localhost", 0, options) { TlsProbe(this) }
                    val silent = TlsProbe()
                    createConnection("localhost", server.boundPort) { silent }
                    silent.lost.await()
                    server.aclose()
                }
            }
            test("that the server ends by leaving fails") {
                onTls {
                    val server = createServer("localhost", 0) { TlsProbe(onMade = { it.close() }) }
                    shouldThrow<ConnectionResetException> {
                        createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { TlsProbe() }
                    }
                    server.aclose()
                }
            }
            test("that is cancelled leaves nothing open") {
                onTls {
                    val silent = TlsProbe()
                    val server = createServer("localhost", 0) { silent }
                    val probe = TlsProbe()
                    val connecting =
                        createTask { createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { probe } }
                    silent.until { silent.received.isNotEmpty() }
                    connecting.cancel()
                    shouldThrow<CancelledException> { connecting.await() }
                    silent.lost.await()
                    server.aclose()
                    probe.events.shouldBeEmpty()
                }
            }
        }

        test("a protocol that fails when it is told of the connection ends it") {
            onTls {
                val reports = recordReports()
                val server = createServer("localhost", 0, ServerOptions(ssl = serverContext())) { TlsProbe() }
                val failing = TlsProbe(onMade = { throw IllegalStateException("refused") })
                shouldThrow<IllegalStateException> {
                    createConnection("localhost", server.boundPort, ConnectionOptions(ssl = clientContext())) { failing }
                }.message shouldBe "refused"
                failing.lost.await()?.message shouldBe "refused"
                reports.single().message shouldContain "connectionMade"
                server.aclose()
            }
        }

        context("refused are") {
            test("options for TLS without a context") {
                shouldThrow<IllegalArgumentException> { ConnectionOptions(serverHostname = "localhost") }
                    .message shouldContain "serverHostname is only meaningful with ssl"
                shouldThrow<IllegalArgumentException> { ConnectionOptions(sslShutdownTimeout = 1.milliseconds) }
                shouldThrow<IllegalArgumentException> { ServerOptions(sslHandshakeTimeout = 1.milliseconds) }
            }
            test("timeouts that are not positive") {
                shouldThrow<IllegalArgumentException> { ConnectionOptions(ssl = clientContext(), sslHandshakeTimeout = 0.milliseconds) }
                    .message shouldContain "should be a positive duration, got 0s"
                shouldThrow<IllegalArgumentException> { ServerOptions(ssl = serverContext(), sslShutdownTimeout = (-1).milliseconds) }
            }
            test("contexts for the other side") {
                shouldThrow<IllegalArgumentException> { ConnectionOptions(ssl = serverContext()) }
                shouldThrow<IllegalArgumentException> { ServerOptions(ssl = clientContext()) }
            }
            test("a server without a certificate") {
                shouldThrow<IllegalArgumentException> { ServerOptions(ssl = SslContext.createDefaultContext(Purpose.CLIENT_AUTH)) }
                    .message shouldContain "withCertChain()"
            }
            test("no host to check the certificate of") {
                onTls {
                    shouldThrow<IllegalArgumentException> {
                        createConnection(
                            null,
                            1,
                            ConnectionOptions(ssl = clientContext()),
                        ) { TlsProbe() }
                    }.message shouldContain "You must set serverHostname"
                    shouldThrow<IllegalArgumentException> {
                        createConnection("localhost", 1, ConnectionOptions(ssl = clientContext(), serverHostname = "")) { TlsProbe() }
                    }.message shouldContain "checkHostname requires serverHostname"
                }
            }
        }
    })
