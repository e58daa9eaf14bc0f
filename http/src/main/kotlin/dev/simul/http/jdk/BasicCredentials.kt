// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.PasswordAuthentication
import java.util.Base64

/** The value of `Authorization` or `Proxy-Authorization` for a user. Source: RFC 7617. */
internal fun basicCredentials(
    user: PasswordAuthentication,
    isUtf8: Boolean,
): String {
    val text = "${user.userName}:${String(user.password)}"
    val bytes = text.toByteArray(if (isUtf8) Charsets.UTF_8 else Charsets.ISO_8859_1)
    return "Basic " + Base64.getEncoder().encodeToString(bytes)
}

/**
 * The credentials that servers and proxies have accepted, so that later requests carry them without being asked.
 *
 * Those of a server are for the paths that begin as the one did for which they were accepted, up to its last slash.
 */
internal class AcceptedCredentials {
    private class Accepted(
        val origin: Destination,
        val path: String,
        val credentials: String,
    )

    private val ofServers = ArrayList<Accepted>()
    private val ofProxies = HashMap<Any, String>()

    fun forServer(destination: Destination): String? =
        ofServers.firstOrNull { it.origin.isSameOrigin(destination) && pathOf(destination).startsWith(it.path) }?.credentials

    fun forProxy(proxy: Any): String? = ofProxies[proxy]

    fun accepted(
        destination: Destination,
        credentials: String,
    ) {
        refused(destination)
        if (ofServers.size == MOST) ofServers.removeAt(0)
        ofServers += Accepted(destination, pathOf(destination).substringBeforeLast('/') + '/', credentials)
    }

    fun accepted(
        proxy: Any,
        credentials: String,
    ) {
        if (ofProxies.size == MOST) ofProxies.clear()
        ofProxies[proxy] = credentials
    }

    /** Those that were sent to [destination] are no longer valid. */
    fun refused(destination: Destination) {
        ofServers.removeIf { it.origin.isSameOrigin(destination) && pathOf(destination).startsWith(it.path) }
    }

    fun refused(proxy: Any) {
        ofProxies.remove(proxy)
    }

    private fun pathOf(destination: Destination) = destination.uri.normalize().rawPath.let { if (it.isNullOrEmpty()) "/" else it }

    private companion object {
        const val MOST = 1000
    }
}
