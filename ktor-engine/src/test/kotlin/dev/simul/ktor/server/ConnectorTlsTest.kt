// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.tls.SslContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.ktor.server.application.install
import io.ktor.server.engine.EngineSSLConnectorBuilder
import io.ktor.server.engine.embeddedServer
import io.ktor.server.engine.sslConnector
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.server.websocket.WebSockets
import io.ktor.server.websocket.webSocket
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.WebSocket
import java.security.KeyFactory
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.security.spec.PKCS8EncodedKeySpec
import java.time.Duration
import java.util.Base64
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.TimeUnit
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLParameters
import javax.net.ssl.TrustManagerFactory

class ConnectorTlsTest :
    FunSpec({
        val password = "changeit".toCharArray()

        fun resource(name: String) =
            checkNotNull(SslContext::class.java.getResourceAsStream("/tls/$name")) { "the runtime's tests have no file tls/$name" }

        /** A key store with certificates of the runtime's tests, each called by the first of its pair. */
        fun keyStore(vararg entries: Pair<String, String>): KeyStore {
            val store = KeyStore.getInstance("PKCS12").apply { load(null, null) }
            for ((alias, file) in entries) {
                val certificate = resource("$file.pem").use { CertificateFactory.getInstance("X.509").generateCertificate(it) }
                val pem = resource("$file.key").use { String(it.readAllBytes()) }
                val key = Base64.getMimeDecoder().decode(pem.lines().filter { !it.startsWith("-----") }.joinToString(""))
                val private = KeyFactory.getInstance(certificate.publicKey.algorithm).generatePrivate(PKCS8EncodedKeySpec(key))
                store.setKeyEntry(alias, private, password, arrayOf(certificate))
            }
            return store
        }

        fun withTls(
            keys: KeyStore,
            alias: String,
            builder: EngineSSLConnectorBuilder.() -> Unit = {},
            body: (Int) -> Unit,
        ) {
            val server =
                embeddedServer(Simul, configure = {
                    sslConnector(keys, alias, { password }, { password }) {
                        host = "127.0.0.1"
                        port = 0
                        builder()
                    }
                }) {
                    install(WebSockets)
                    routing {
                        get("/") { call.respondText(call.request.local.scheme) }
                        post("/") { call.respondText("${call.receiveText().length}") }
                        webSocket("/ws") { for (frame in incoming) send(Frame.Text((frame as Frame.Text).readText().uppercase())) }
                    }
                }
            try {
                server.start()
                body(server.port)
            } finally {
                server.stop(0, 1000)
            }
        }

        /** A client that trusts [trusted], and has the [keys]. */
        fun client(
            trusted: KeyStore,
            keys: KeyStore? = null,
            parameters: SSLParameters = SSLParameters(),
        ): HttpClient {
            val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(trusted) }
            val own =
                KeyManagerFactory
                    .getInstance(
                        KeyManagerFactory.getDefaultAlgorithm(),
                    ).apply { init(keys, password.takeIf { keys != null }) }
            val context = SSLContext.getInstance("TLS").apply { init(own.keyManagers, trust.trustManagers, null) }
            return HttpClient.newBuilder().sslContext(context).sslParameters(parameters).version(HttpClient.Version.HTTP_1_1).build()
        }

        /** The certificates of [store] alone, for a client to trust. */
        fun trusting(
            store: KeyStore,
            alias: String,
        ): KeyStore =
            KeyStore.getInstance("PKCS12").also {
                it.load(null, null)
                it.setCertificateEntry(alias, store.getCertificate(alias))
            }

        /** The authority that has signed the certificates called `server` and `client`. */
        fun authority(): KeyStore =
            KeyStore.getInstance("PKCS12").also { store ->
                store.load(null, null)
                resource("ca.pem").use { store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(it)) }
            }

        fun HttpClient.ask(
            port: Int,
            body: String? = null,
        ): String {
            val request = HttpRequest.newBuilder(URI("https://localhost:$port/")).timeout(Duration.ofSeconds(20))
            if (body != null) request.POST(text(body))
            return send(request.build(), HttpResponse.BodyHandlers.ofString()).body()
        }

        test("requests, large bodies and WebSockets go through a connector of TLS, by the certificate of its alias") {
            val keys = keyStore("other" to "self-signed", "mine" to "server")
            withTls(keys, "mine") { port ->
                val client = client(trusting(keys, "mine"))
                client.ask(port) shouldBe "https"
                client.ask(port, "x".repeat(1_000_000)) shouldBe "1000000"
                val heard = CompletableFuture<String>()
                val listener =
                    object : WebSocket.Listener {
                        override fun onText(
                            socket: WebSocket,
                            data: CharSequence,
                            last: Boolean,
                        ): CompletionStage<*>? {
                            heard.complete(data.toString())
                            return null
                        }
                    }
                val socket = client.newWebSocketBuilder().buildAsync(URI("wss://localhost:$port/ws"), listener).get(20, TimeUnit.SECONDS)
                socket.sendText("hello", true)
                heard.get(20, TimeUnit.SECONDS) shouldBe "HELLO"
                socket.abort()
                shouldThrow<IOException> { client(trusting(keys, "other")).ask(port) }
            }
        }

        test("with a trust store, clients must show a certificate that it trusts") {
            val keys = keyStore("mine" to "server", "friend" to "client", "stranger" to "self-signed")

            fun only(alias: String) =
                KeyStore.getInstance("PKCS12").also {
                    it.load(null, null)
                    it.setKeyEntry(alias, keys.getKey(alias, password), password, keys.getCertificateChain(alias))
                }
            withTls(keys, "mine", { trustStore = authority() }) { port ->
                client(trusting(keys, "mine"), only("friend")).ask(port) shouldBe "https"
                shouldThrow<IOException> { client(trusting(keys, "mine"), only("stranger")).ask(port) }
                shouldThrow<IOException> { client(trusting(keys, "mine")).ask(port) }
            }
        }

        test("versions that are not enabled are not spoken") {
            val keys = keyStore("mine" to "server")
            withTls(keys, "mine", { enabledProtocols = listOf("TLSv1.3") }) { port ->
                client(trusting(keys, "mine")).ask(port) shouldBe "https"
                shouldThrow<IOException> {
                    client(trusting(keys, "mine"), parameters = SSLParameters().apply { protocols = arrayOf("TLSv1.2") }).ask(port)
                }
            }
        }

        test("an alias that is not there and versions that are not known are refused when the server starts") {
            val keys = keyStore("mine" to "server")
            shouldThrow<IllegalArgumentException> { withTls(keys, "yours") {} }.message shouldBe
                "the key store has no private key with a certificate called 'yours'"
            shouldThrow<IllegalArgumentException> {
                withTls(
                    keys,
                    "mine",
                    { enabledProtocols = listOf("SSLv3") },
                ) {}
            }.message shouldStartWith
                "the version 'SSLv3' is not supported"
        }
    })
