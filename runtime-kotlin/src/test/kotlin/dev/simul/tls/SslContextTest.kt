// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import io.kotest.assertions.throwables.shouldNotThrowAny
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.net.InetSocketAddress
import java.nio.file.Path
import java.security.KeyStore
import java.security.SecureRandom
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLContextSpi
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLServerSocketFactory
import javax.net.ssl.SSLSessionContext
import javax.net.ssl.SSLSocketFactory
import javax.net.ssl.TrustManager

class SslContextTest :
    FunSpec({
        val server = SslContext.createDefaultContext(Purpose.CLIENT_AUTH)

        context("by default") {
            test("a client checks certificates and host names") {
                val client = SslContext.createDefaultContext()
                client.purpose shouldBe Purpose.SERVER_AUTH
                client.verifyMode shouldBe VerifyMode.CERT_REQUIRED
                client.checkHostname shouldBe true
                client.minimumVersion shouldBe TlsVersion.TLS_1_2
                client.maximumVersion shouldBe TlsVersion.TLS_1_3
            }
            test("a server asks for no certificates") {
                server.verifyMode shouldBe VerifyMode.CERT_NONE
                server.checkHostname shouldBe false
            }
        }

        context("a certificate chain and its key are read") {
            val password = "secret".toCharArray()

            test("from two files") { server.withCertChain(certificate("server.pem"), certificate("server.key")) }
            test("from one file") { server.withCertChain(certificate("server-both.pem")) }
            test("with a password") {
                server.withCertChain(certificate("server.pem"), certificate("server-encrypted.key"), password)
            }
            test("of RSA, with an authority in between") { server.withCertChain(certificate("chain.pem"), certificate("chain.key")) }
            test("out of a key store") {
                val keyStore = KeyStore.getInstance("PKCS12").apply { load(null, null) }
                val key = Pem(certificate("server.key")).privateKey("EC", null)
                keyStore.setKeyEntry("it", key, password, Pem(certificate("server.pem")).certificates().toTypedArray())
                onTls { tlsPair(server = ServerOptions(ssl = server.withCertChain(keyStore, password))).end() }
            }
        }

        context("it says what is wrong with a file:") {
            fun loading(
                certfile: String,
                keyfile: String,
                password: String? = null,
            ) = shouldThrow<IllegalArgumentException> {
                server.withCertChain(certificate(certfile), certificate(keyfile), password?.toCharArray())
            }.message!!

            test("a key that is not PKCS#8") {
                loading("server.pem", "server-sec1.key") shouldContain "openssl pkcs8 -topk8"
                loading("chain.pem", "chain-pkcs1.key") shouldContain "RSA PRIVATE KEY"
            }
            test("a key that needs a password") { loading("server.pem", "server-encrypted.key") shouldContain "give its password" }
            test("another password") { loading("server.pem", "server-encrypted.key", "guess") shouldContain "is the password right?" }
            test("the key of another certificate") {
                loading("server.pem", "client.key") shouldContain "is not that of the first certificate"
            }
            test("a key of another kind") { loading("server.pem", "chain.key") shouldContain "no private key for the certificate's EC key" }
            test("no key at all") { loading("server.pem", "server.pem") shouldContain "BEGIN PRIVATE KEY" }
            test("no certificate") {
                loading("server.key", "server.key") shouldContain "BEGIN CERTIFICATE"
                shouldThrow<IllegalArgumentException> { SslContext.createDefaultContext(cafile = certificate("server.key")) }
            }
            test("no file") { shouldThrow<IOException> { server.withVerifyLocations(Path.of("no such file")) } }
        }

        test("verifying and checking names depend on each other") {
            val client = clientContext()
            shouldThrow<IllegalArgumentException> {
                client.withVerifyMode(
                    VerifyMode.CERT_NONE,
                )
            }.message shouldContain "withCheckHostname(false)"
            val careless = client.withCheckHostname(false).withVerifyMode(VerifyMode.CERT_NONE)
            careless.withCheckHostname(true).verifyMode shouldBe VerifyMode.CERT_REQUIRED
            shouldThrow<IllegalArgumentException> { server.withCheckHostname(true) }
        }

        test("it never changes") {
            val client = clientContext()
            client.withAlpnProtocols("h2").alpnProtocols shouldContainExactly listOf("h2")
            client.withMinimumVersion(TlsVersion.TLS_1_3).minimumVersion shouldBe TlsVersion.TLS_1_3
            client.alpnProtocols shouldContainExactly emptyList()
            client.minimumVersion shouldBe TlsVersion.TLS_1_2
        }

        test("what is trusted adds up") {
            val both = SslContext.createDefaultContext(cafile = certificate("self-signed.pem")).withVerifyLocations(certificate("ca.pem"))
            onTls {
                for (name in listOf("server", "self-signed")) {
                    tlsPair(server = ServerOptions(ssl = serverContext(name)), client = ConnectionOptions(ssl = both)).end()
                }
            }
        }

        context("made of an SSLContext") {
            val given =
                SSLContext
                    .getInstance(
                        "TLS",
                    ).apply { init(null, arrayOf(Trust.of(Pem(certificate("ca.pem")).certificates())), null) }

            test("it trusts what that one trusts") {
                onTls { tlsPair(client = ConnectionOptions(ssl = SslContext.of(given))).end() }
            }
            test("it has no other certificates") {
                shouldThrow<IllegalStateException> { SslContext.of(given).withVerifyLocations(certificate("ca.pem")) }
                shouldThrow<IllegalArgumentException> {
                    SslContext.of(given).withCheckHostname(false).withVerifyMode(VerifyMode.CERT_NONE)
                }
            }
            test("it can be a server's") {
                shouldNotThrowAny { ServerOptions(ssl = SslContext.of(given, Purpose.CLIENT_AUTH)) }
            }
            test("its engines speak no version that they have not enabled, and are told whose connection it is") {
                val told = ArrayList<String>()
                val ofServer = SslContext.of(Limited(given, told), Purpose.CLIENT_AUTH)
                val peer = InetSocketAddress("127.0.0.1", 1234)
                ofServer.newServerEngine(peer).enabledProtocols.toList() shouldContainExactly listOf("TLSv1.2")
                ofServer.newServerEngine(null).enabledProtocols.toList() shouldContainExactly listOf("TLSv1.2")
                ofServer.withMinimumVersion(TlsVersion.TLS_1_3).newServerEngine(peer).enabledProtocols.toList() shouldContainExactly
                    listOf("TLSv1.3")
                told shouldContainExactly listOf("127.0.0.1:1234", "127.0.0.1:1234")
                SslContext.of(given, Purpose.CLIENT_AUTH).newServerEngine(peer).enabledProtocols.toList() shouldContainExactly
                    listOf("TLSv1.2", "TLSv1.3")
            }
        }

        test("a connection that was cut off has ended, unless that is not ignored") {
            server.ignoreUnexpectedEof shouldBe true
            val strict = server.withIgnoreUnexpectedEof(false)
            strict.ignoreUnexpectedEof shouldBe false
            strict.withIgnoreUnexpectedEof(true).ignoreUnexpectedEof shouldBe true
        }
        test("a protocol must have a name in ASCII") {
            shouldThrow<IllegalArgumentException> { server.withAlpnProtocols("h2", "h\u00e9") }.message shouldContain "or not in ASCII"
        }
        test("a protocol must have a name of up to 255 bytes") {
            shouldThrow<IllegalArgumentException> { server.withAlpnProtocols("h2", "") }
            shouldThrow<IllegalArgumentException> { server.withAlpnProtocols("x".repeat(256)) }
        }

        test("the oldest version must not be newer than the newest one") {
            val none = clientContext().withMinimumVersion(TlsVersion.TLS_1_3).withMaximumVersion(TlsVersion.TLS_1_2)
            shouldThrow<IllegalArgumentException> { ConnectionOptions(ssl = none) }
        }
    })

/** As [given], but its engines speak TLS 1.2 alone; whose they are is in [told]. */
private class Limited(
    given: SSLContext,
    told: MutableList<String>,
) : SSLContext(LimitedEngines(given, told), given.provider, given.protocol)

private class LimitedEngines(
    private val given: SSLContext,
    private val told: MutableList<String>,
) : SSLContextSpi() {
    override fun engineCreateSSLEngine(): SSLEngine = given.createSSLEngine().apply { enabledProtocols = arrayOf("TLSv1.2") }

    override fun engineCreateSSLEngine(
        host: String,
        port: Int,
    ): SSLEngine = engineCreateSSLEngine().also { told += "$host:$port" }

    override fun engineInit(
        keys: Array<KeyManager>?,
        trust: Array<TrustManager>?,
        random: SecureRandom?,
    ) = Unit

    override fun engineGetSocketFactory(): SSLSocketFactory = given.socketFactory

    override fun engineGetServerSocketFactory(): SSLServerSocketFactory = given.serverSocketFactory

    override fun engineGetServerSessionContext(): SSLSessionContext = given.serverSessionContext

    override fun engineGetClientSessionContext(): SSLSessionContext = given.clientSessionContext
}
