// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/**
 * A version of HTTP that a message may have. A peer of a later minor version is treated as one of HTTP/1.1.
 *
 * @property text as it is in a message.
 */
public enum class HttpVersion(
    public val text: String,
) {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    ;

    override fun toString(): String = text
}
