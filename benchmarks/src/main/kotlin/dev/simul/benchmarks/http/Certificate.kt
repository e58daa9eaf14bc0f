// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import java.io.File
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
    private val trusted = scratch.resolve("trusted.p12")

    /** The certificate with its key, as Java has them. */
    val store: String = scratch.resolve("store.p12").absolutePathString()
    val chain: String = scratch.resolve("cert.pem").absolutePathString()
    val key: String = scratch.resolve("key.pem").absolutePathString()
    val trust: List<String> = listOf("-Djavax.net.ssl.trustStore=$trusted", "-Djavax.net.ssl.trustStorePassword=$PASSWORD")

    init {
        val keytool = Path.of(java).resolveSibling("keytool").toString()
        val made =
            ProcessBuilder(
                listOf(keytool, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-alias", "server", "-dname", "CN=127.0.0.1") +
                    listOf("-ext", "san=ip:127.0.0.1", "-validity", "2", "-storetype", "PKCS12", "-keystore", store) +
                    listOf("-storepass", PASSWORD),
            ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
        check(made.waitFor() == 0) { "keytool made no certificate" }
        val keys = KeyStore.getInstance(File(store), PASSWORD.toCharArray())
        Path.of(chain).writeText(pem("CERTIFICATE", keys.getCertificate("server").encoded))
        Path.of(key).writeText(pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).encoded))
        val authorities = KeyStore.getInstance("PKCS12").also { it.load(null, null) }
        authorities.setCertificateEntry("server", keys.getCertificate("server"))
        Files.newOutputStream(trusted).use { authorities.store(it, PASSWORD.toCharArray()) }
    }

    private fun pem(
        what: String,
        bytes: ByteArray,
    ) = "-----BEGIN $what-----\n${Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(bytes)}\n-----END $what-----\n"

    companion object {
        const val PASSWORD = "benchmark"
    }
}
