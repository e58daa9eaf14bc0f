// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.Headers
import dev.simul.http.HttpProxy
import dev.simul.http.HttpRoute
import dev.simul.tls.SslContext
import io.ktor.client.request.HttpRequestData
import io.ktor.client.request.UnixSocketCapability
import io.ktor.http.HttpHeaders
import io.ktor.http.Url
import io.ktor.http.isSecure
import io.ktor.http.isWebsocket
import io.ktor.utils.io.InternalAPI
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.ProxySelector
import java.net.URI
import java.nio.file.Path

/** Finds the way to the server of a request. Unless the configuration names a proxy, those of the JVM count, as its properties name them. */
@OptIn(InternalAPI::class)
internal class Routes(
    private val config: SimulClientConfig,
) {
    private val ssl by lazy { config.ssl ?: SslContext.createDefaultContext() }
    private val proxy = config.proxy?.also { requireHttp(it) }

    /** The last one: programs often talk to one server. */
    @Volatile
    private var latest: HttpRoute? = null

    operator fun get(data: HttpRequestData): HttpRoute {
        val url = data.url
        require(url.protocol.name in PROTOCOLS) { "$url: Simul supports http, https, ws and wss, and not ${url.protocol.name}" }
        val isSecure = url.protocol.isSecure()
        val path = data.getCapabilityOrNull(UnixSocketCapability)?.path
        val host = url.host.removeSurrounding("[", "]")
        if (path != null) return HttpRoute(host, url.port, if (isSecure) ssl else null, unixPath = Path.of(path))
        latest?.let { if (it.port == url.port && it.host == host && (it.ssl != null) == isSecure && it.proxy == null) return it }
        return HttpRoute(host, url.port, if (isSecure) ssl else null, proxy = proxyFor(data)).also { latest = it }
    }

    private fun proxyFor(data: HttpRequestData): HttpProxy? {
        val found = proxy ?: ProxySelector.getDefault()?.select(data.url.forSelector())?.first() ?: return null
        requireHttp(found)
        val address = found.address() as InetSocketAddress? ?: return null
        val credentials = data.headers[HttpHeaders.ProxyAuthorization]
        val headers = if (credentials == null) Headers.EMPTY else Headers.of(HttpHeaders.ProxyAuthorization to credentials)
        return HttpProxy(address.hostString, address.port, headers, tunnels = data.url.protocol.isWebsocket())
    }

    private fun Url.forSelector() = URI(if (protocol.isSecure()) "https" else "http", null, host, port, "/", null, null)

    private fun requireHttp(proxy: Proxy) =
        require(proxy.type() != Proxy.Type.SOCKS) { "the proxy is $proxy: Simul supports HTTP proxies only" }

    private companion object {
        val PROTOCOLS = setOf("http", "https", "ws", "wss")
    }
}
