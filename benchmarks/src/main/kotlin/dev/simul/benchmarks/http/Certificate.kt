// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64
import kotlin.io.path.absolutePathString
import kotlin.io.path.writeText

/** A certificate for this run, as files for all peers. */
internal class Certificate(
    scratch: Path,
    java: String,
) {
    private val store = scratch.resolve("store.p12")
    val chain: String = scratch.resolve("cert.pem").absolutePathString()
    val key: String = scratch.resolve("key.pem").absolutePathString()
    val trust: List<String> = listOf("-Djavax.net.ssl.trustStore=$store", "-Djavax.net.ssl.trustStorePassword=$PASSWORD")

    init {
        val keytool = Path.of(java).resolveSibling("keytool").toString()
        val made =
            ProcessBuilder(
                listOf(keytool, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-alias", "server", "-dname", "CN=127.0.0.1") +
                    listOf("-ext", "san=ip:127.0.0.1", "-validity", "2", "-storetype", "PKCS12", "-keystore", "$store") +
                    listOf("-storepass", PASSWORD),
            ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
        check(made.waitFor() == 0) { "keytool made no certificate" }
        val keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray())
        Path.of(chain).writeText(pem("CERTIFICATE", keys.getCertificate("server").encoded))
        Path.of(key).writeText(pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).encoded))
        val trusted = KeyStore.getInstance("PKCS12").also { it.load(null, null) }
        trusted.setCertificateEntry("server", keys.getCertificate("server"))
        Files.newOutputStream(store).use { trusted.store(it, PASSWORD.toCharArray()) }
    }

    private fun pem(
        what: String,
        bytes: ByteArray,
    ) = "-----BEGIN $what-----\n${Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(bytes)}\n-----END $what-----\n"

    private companion object {
        const val PASSWORD = "benchmark"
    }
}
