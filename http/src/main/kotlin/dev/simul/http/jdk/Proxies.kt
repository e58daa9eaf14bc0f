// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.loop.EventLoop
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.ProxySelector
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Finds the proxy for a request. Of what the selector names, the first is taken, and only if it is an HTTP proxy; otherwise the connection is
 * direct.
 *
 * The JVM's default selector, which looks at many system properties, is asked about an origin once a second.
 *
 * @param selector null for the JVM's default one.
 */
internal class Proxies(
    private val loop: EventLoop,
    private val selector: ProxySelector?,
) {
    private var last: Destination? = null
    private var askedAt = Duration.ZERO
    private var answer: InetSocketAddress? = null

    fun proxyFor(destination: Destination): InetSocketAddress? {
        if (selector != null) return ask(selector, destination)
        val default = ProxySelector.getDefault() ?: return null
        val now = loop.time()
        val last = last
        if (last == null || now - askedAt >= KEPT || !last.isSameOrigin(destination)) {
            answer = ask(default, destination)
            this.last = destination
            askedAt = now
        }
        return answer
    }

    private fun ask(
        selector: ProxySelector,
        destination: Destination,
    ): InetSocketAddress? {
        val proxy = selector.select(destination.uri)?.firstOrNull() ?: return null
        return if (proxy.type() == Proxy.Type.HTTP) proxy.address() as? InetSocketAddress else null
    }

    private companion object {
        val KEPT = 1.seconds
    }
}
