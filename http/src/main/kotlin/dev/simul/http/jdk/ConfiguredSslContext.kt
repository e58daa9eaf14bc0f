// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.security.SecureRandom
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLContextSpi
import javax.net.ssl.SSLEngine
import javax.net.ssl.TrustManager

/** [context], each of whose engines [configure] gets first, with the host and the port of the peer as far as they are known. */
internal class ConfiguredSslContext(
    context: SSLContext,
    configure: (SSLEngine, String?, Int) -> Unit,
) : SSLContext(ConfiguredEngines(context, configure), context.provider, context.protocol)

private class ConfiguredEngines(
    private val context: SSLContext,
    private val configure: (SSLEngine, String?, Int) -> Unit,
) : SSLContextSpi() {
    override fun engineCreateSSLEngine(): SSLEngine = context.createSSLEngine().also { configure(it, null, -1) }

    override fun engineCreateSSLEngine(
        host: String?,
        port: Int,
    ): SSLEngine = context.createSSLEngine(host, port).also { configure(it, host, port) }

    override fun engineInit(
        keys: Array<KeyManager>?,
        trust: Array<TrustManager>?,
        random: SecureRandom?,
    ) = throw UnsupportedOperationException("it is initialised")

    override fun engineGetSocketFactory() = context.socketFactory

    override fun engineGetServerSocketFactory() = context.serverSocketFactory

    override fun engineGetServerSessionContext() = context.serverSessionContext

    override fun engineGetClientSessionContext() = context.clientSessionContext
}
