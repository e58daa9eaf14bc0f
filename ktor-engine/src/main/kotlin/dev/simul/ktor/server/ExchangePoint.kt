// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.ServerExchange
import io.ktor.http.HttpMethod
import io.ktor.http.RequestConnectionPoint
import java.net.InetSocketAddress

/**
 * Where a request came from and to: what its connection says, and where that does not know, its `Host`. Hosts are addresses and not names, since
 * asking for names would block the loop.
 */
internal class ExchangePoint(
    private val exchange: ServerExchange,
) : RequestConnectionPoint {
    private val hostHeader: String? get() = exchange.request.headers["Host"]
    private val near: InetSocketAddress? get() = exchange.getExtraInfo("sockname") as? InetSocketAddress
    private val far: InetSocketAddress? get() = exchange.getExtraInfo("peername") as? InetSocketAddress
    private val defaultPort: Int get() = if (scheme == "https") 443 else 80

    override val scheme: String get() = if (exchange.getExtraInfo("sslcontext") == null) "http" else "https"

    override val version: String get() = exchange.request.version.text

    override val method: HttpMethod = HttpMethod.parse(exchange.request.method)

    /** The path and the query, also of a request that names the whole URL, as one to a proxy does. */
    override val uri: String = exchange.request.target.let { if (it.startsWith('/')) it else it.pathOfUrl() }

    private fun String.pathOfUrl(): String {
        val authority = indexOf("://")
        if (authority < 0) return this
        val path = indexOfAny(charArrayOf('/', '?'), authority + "://".length)
        return if (path < 0) "/" else substring(path).let { if (it.startsWith('?')) "/$it" else it }
    }

    override val localPort: Int get() = near?.port ?: defaultPort

    override val localHost: String get() = near?.hostString ?: "localhost"

    override val localAddress: String get() = near?.address?.hostAddress ?: "localhost"

    override val serverPort: Int
        get() {
            val host = hostHeader ?: return localPort
            return host.substring(portColon(host)).removePrefix(":").ifEmpty { return defaultPort }.toIntOrNull() ?: defaultPort
        }

    override val serverHost: String get() = hostHeader?.let { it.substring(0, portColon(it)) } ?: localHost

    /** Where the colon before the port of [host] is, or its end. Addresses of IPv6 have colons of their own, in brackets. */
    private fun portColon(host: String): Int = host.indexOf(':', host.lastIndexOf(']') + 1).let { if (it < 0) host.length else it }

    override val remoteHost: String get() = far?.hostString ?: "unknown"

    override val remotePort: Int get() = far?.port ?: 0

    override val remoteAddress: String get() = far?.address?.hostAddress ?: "unknown"

    @Deprecated("Use localPort or serverPort instead", level = DeprecationLevel.ERROR)
    override val port: Int get() = localPort

    @Deprecated("Use localHost or serverHost instead", level = DeprecationLevel.ERROR)
    override val host: String get() = localHost

    override fun toString(): String = "<ExchangePoint ${method.value} $uri from $remoteAddress:$remotePort>"
}
