// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * A response up to its body.
 *
 * @property status from 100 to 999.
 * @property reason what the status means, for people; empty for a status that is not well known.
 * @throws IllegalArgumentException if the status has not three digits, or the reason has control characters or characters beyond ISO 8859-1.
 */
public class ResponseHead(
    public val status: Int,
    headers: Headers = Headers.EMPTY,
    public val reason: String = reasonPhrase(status),
    version: HttpVersion = HttpVersion.HTTP_1_1,
) : MessageHead(version, headers) {
    init {
        require(status in 100..999) { "status is $status: it must have three digits" }
        require(reason.all { it.code <= 0xFF && Octets.isValue(it.code) }) {
            "'${reason.escaped()}' is not a reason: give printable characters of ISO 8859-1, in one line"
        }
    }

    /** Whether another response to the same request follows this one. The last is 101, after which the connection no longer speaks HTTP. */
    public val isInformational: Boolean get() = status in 100..199 && status != 101

    override val startLineSize: Int get() = version.text.length + STATUS_SIZE + reason.length

    override fun encodeStartLineTo(destination: ByteBuffer) {
        destination.putText(version.text)
        destination.put(Octets.SPACE)
        destination.put(digit(status / 100)).put(digit(status / 10 % 10)).put(digit(status % 10))
        destination.put(Octets.SPACE)
        destination.putText(reason)
    }

    private fun digit(value: Int) = ('0'.code + value).toByte()

    override fun toString(): String = "<ResponseHead $status $reason $version>"

    private companion object {
        /** The digits, with a blank on each side. */
        const val STATUS_SIZE = 5
    }
}
