// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.URI
import java.text.Normalizer

/**
 * Where a request for [uri] goes.
 *
 * @throws IllegalArgumentException if the scheme is not `http` or `https`, or there is no host.
 */
internal class Destination(
    val uri: URI,
) {
    val isSecure: Boolean = isSecure(uri)

    /** The name or the address; one of IPv6 without brackets. */
    val host: String = requireNotNull(uri.host) { "unsupported URI $uri: it names no host" }.removeSurrounding("[", "]")

    val port: Int

    /** What the header `Host` says: without the port where that is the scheme's own. */
    val authority: String

    init {
        val usual = if (isSecure) HTTPS_PORT else HTTP_PORT
        port = if (uri.port < 0) usual else uri.port
        authority = if (port == usual) uri.host else "${uri.host}:$port"
    }

    /** The path and the query, encoded, as a server gets them. */
    val target: String get() {
        val path = uri.rawPath
        val query = uri.rawQuery
        return when {
            query != null -> encoded((if (path.isNullOrEmpty()) "/" else path) + '?' + query)
            path.isNullOrEmpty() -> "/"
            else -> encoded(path)
        }
    }

    /** Whether both have the same scheme, host and port: what is secret to one is known to the other. */
    fun isSameOrigin(other: Destination): Boolean =
        isSecure == other.isSecure && port == other.port && host.equals(other.host, ignoreCase = true)

    override fun toString(): String = if (isSecure) "https://$authority" else "http://$authority"

    private companion object {
        const val HTTP_PORT = 80
        const val HTTPS_PORT = 443

        fun isSecure(uri: URI): Boolean {
            val scheme = uri.scheme
            return when {
                "http".equals(scheme, ignoreCase = true) -> false
                "https".equals(scheme, ignoreCase = true) -> true
                scheme == null -> throw IllegalArgumentException(
                    "the URI $uri has no scheme: give one that begins with http:// or https://",
                )
                else -> throw IllegalArgumentException("invalid URI scheme $scheme: it must be http or https")
            }
        }

        /** [text], which [URI] lets have letters of all scripts, in ASCII. */
        fun encoded(text: String): String {
            if (text.all { it.code < 0x80 }) return text
            return buildString {
                for (octet in Normalizer.normalize(text, Normalizer.Form.NFC).toByteArray()) {
                    val code = octet.toInt() and 0xFF
                    if (code < 0x80) append(code.toChar()) else append('%').append("%02X".format(code))
                }
            }
        }
    }
}
