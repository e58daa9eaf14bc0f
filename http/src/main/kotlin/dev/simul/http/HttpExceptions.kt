// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.io.IOException

/**
 * A peer did not keep to HTTP. Nothing more can be read from its connection.
 *
 * @property problem what was wrong.
 */
public sealed class HttpException(
    public val problem: String,
) : IOException(problem) {
    /** Who sent the message: an address, say. Null until it is known. */
    public var peer: Any? = null
        internal set

    /** What was wrong, and whose message it was. */
    override val message: String get() = peer?.let { "$problem, from $it" } ?: problem
}

/**
 * A message is malformed, or exceeds a limit.
 *
 * Source: `http.client.HTTPException`, `h11.RemoteProtocolError`.
 *
 * @property status what a server answers if the message is a request: 400, 413, 414, 431, 501 or 505. Of a response it tells the kind: 431 if
 *   its head exceeds a limit.
 */
public class BadMessageException(
    problem: String,
    public val status: Int = 400,
) : HttpException(problem)

/**
 * The connection ended in the middle of a message.
 *
 * Source: `http.client.IncompleteRead`, `http.client.RemoteDisconnected`.
 */
public class IncompleteMessageException(
    problem: String,
) : HttpException(problem)
