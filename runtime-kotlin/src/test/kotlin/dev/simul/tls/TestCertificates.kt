// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.net.use
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.REPLACE_EXISTING

/** A file of the tests' own certificates, which their folder says how to make. */
fun certificate(name: String): Path = folder.resolve(name).also { if (!Files.exists(it)) it.copyFromResources(name) }

private val folder: Path by lazy { Files.createTempDirectory("simul-tls").also { it.toFile().deleteOnExit() } }

private fun Path.copyFromResources(name: String) {
    val resource = checkNotNull(TlsEngine::class.java.getResourceAsStream("/tls/$name")) { "the tests have no file tls/$name" }
    resource.use { Files.copy(it, this, REPLACE_EXISTING) }
    toFile().deleteOnExit()
}

/** A server's context that shows the certificate called [name]. */
fun serverContext(name: String = "server"): SslContext =
    SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate("$name.pem"), certificate("$name.key"))

/** A client's context that trusts the tests' authority. */
fun clientContext(): SslContext = SslContext.createDefaultContext(cafile = certificate("ca.pem"))
