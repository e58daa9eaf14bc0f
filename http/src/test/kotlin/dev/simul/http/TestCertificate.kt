// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import java.nio.file.Files
import java.nio.file.Path

/** A server's context that shows a certificate of the runtime's tests, for `localhost` unless it is another one. */
internal fun serverContext(name: String = "server"): SslContext =
    SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(testFile("$name.pem"), testFile("$name.key"))

/** A client's context that trusts the authority of the runtime's tests. */
internal fun clientContext(): SslContext = SslContext.createDefaultContext(cafile = testFile("ca.pem"))

/** A copy of a file of the runtime's tests. */
internal fun testFile(name: String): Path {
    val copy = Files.createTempFile("simul-http", name).also { it.toFile().deleteOnExit() }
    val resource = checkNotNull(SslContext::class.java.getResourceAsStream("/tls/$name")) { "the runtime's tests have no file tls/$name" }
    resource.use { Files.write(copy, it.readAllBytes()) }
    return copy
}
