// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.tls.SslContext
import java.nio.file.Path

/**
 * The way to a server: what a connection for its requests is made of. Requests of equal routes share connections.
 *
 * Immutable; keep one that is used often, since comparing it with itself is quick.
 *
 * @property host a name or an address. With [unixPath] or [proxy], it is not looked up here.
 * @property port from 1 to 65,535.
 * @property ssl the TLS context; null for plain bytes. Two routes are equal only if this is the same object.
 * @property serverHostname the name that the server's certificate must be for, if it is not [host].
 * @property unixPath the Unix domain socket to connect to instead of [host].
 * @property proxy the proxy through which the server is reached.
 */
public class HttpRoute(
    public val host: String,
    public val port: Int,
    public val ssl: SslContext? = null,
    public val serverHostname: String? = null,
    public val unixPath: Path? = null,
    public val proxy: HttpProxy? = null,
) {
    init {
        require(host.isNotEmpty()) { "host is empty: give a name or an address" }
        require(port in 1..LAST_PORT) { "port is $port: it must be from 1 to $LAST_PORT" }
        require(unixPath == null || proxy == null) { "both unixPath and proxy are given: a proxy is reached by its own host and port" }
        require(ssl != null || serverHostname == null) { "serverHostname is $serverHostname, but ssl is null: it is for TLS" }
    }

    private val hash = 31 * (31 * host.hashCode() + port) + System.identityHashCode(ssl) + proxy.hashCode() + unixPath.hashCode()

    /** Whether the proxy gets the requests themselves, and not a tunnel to the server. */
    internal val isForwarded: Boolean get() = proxy != null && ssl == null && !proxy.tunnels

    /** The route whose connections serve this one too: a proxy takes requests for any server through one connection. */
    internal val shared: HttpRoute = if (isForwarded) HttpRoute(proxy!!.host, proxy.port) else this

    override fun equals(other: Any?): Boolean =
        this === other ||
            (
                other is HttpRoute &&
                    hash == other.hash &&
                    port == other.port &&
                    host == other.host &&
                    ssl === other.ssl &&
                    serverHostname == other.serverHostname &&
                    unixPath == other.unixPath &&
                    proxy == other.proxy
            )

    override fun hashCode(): Int = hash

    override fun toString(): String =
        buildString {
            append(if (ssl == null) "http://" else "https://").append(if (':' in host) "[$host]" else host).append(':').append(port)
            if (unixPath != null) append(" at ").append(unixPath)
            if (proxy != null) append(" through ").append(proxy)
        }

    private companion object {
        const val LAST_PORT = 65_535
    }
}

/**
 * An HTTP proxy, to which connections are plain.
 *
 * Requests for servers without TLS are sent to the proxy itself, with the whole URL as their target; for servers with TLS it is asked by
 * `CONNECT` for a tunnel.
 *
 * @property host a name or an address.
 * @property port from 1 to 65,535.
 * @property headers sent with each `CONNECT` and each request to the proxy: `Proxy-Authorization`, say.
 * @property tunnels whether to ask for a tunnel to servers without TLS too, as WebSockets need.
 */
public class HttpProxy(
    public val host: String,
    public val port: Int,
    public val headers: Headers = Headers.EMPTY,
    public val tunnels: Boolean = false,
) {
    override fun equals(other: Any?): Boolean =
        other is HttpProxy && host == other.host && port == other.port && headers == other.headers && tunnels == other.tunnels

    override fun hashCode(): Int = 31 * host.hashCode() + port

    override fun toString(): String = "<HttpProxy $host:$port>"
}
