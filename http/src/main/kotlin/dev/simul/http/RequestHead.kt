// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * A request up to its body.
 *
 * @property method `"GET"`, say. Case matters.
 * @property target a path with a query, or for proxies a whole URL; for `CONNECT` a host with a port, and for `OPTIONS` also `"*"`.
 * @throws IllegalArgumentException if the method is not a token, or the target has blanks, control characters, a fragment, or characters
 *   beyond ASCII.
 */
public class RequestHead(
    public val method: String,
    public val target: String,
    headers: Headers = Headers.EMPTY,
    version: HttpVersion = HttpVersion.HTTP_1_1,
) : MessageHead(version, headers) {
    init {
        require(method.isNotEmpty() && method.all { it.code <= 0x7F && Octets.isToken(it.code) }) {
            "'${method.escaped()}' is not a method: give a token, such as GET"
        }
        require(target.isNotEmpty() && target.all { it.code <= 0x7F && Octets.isTarget(it.code) }) {
            "'${target.escaped()}' is not a target: give a path or a URL, encoded by %, and without a fragment"
        }
    }

    override val startLineSize: Int get() = method.length + target.length + version.text.length + 2

    override fun encodeStartLineTo(destination: ByteBuffer) {
        destination.putText(method)
        destination.put(Octets.SPACE)
        destination.putText(target)
        destination.put(Octets.SPACE)
        destination.putText(version.text)
    }

    override fun toString(): String = "<RequestHead $method $target $version>"
}
