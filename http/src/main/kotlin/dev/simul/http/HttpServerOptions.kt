// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * How a server treats its clients. A slow client costs one connection, and no more than these times.
 *
 * @property limits how much of a request is accepted.
 * @property headerTimeout how long a client may take to send the head of a request, from its first byte on, and from when the connection was
 *   accepted. A client that has sent some of it is answered with 408. Null means no limit.
 * @property idleTimeout how long a connection stays open without a request. Null means no limit.
 * @property bodyTimeout for how long the transfer of a body may stall, in either direction, while the handler waits for it. A client that
 *   sends nothing is answered with 408, unless the answer has begun; one that takes nothing is cut off, and the handler cancelled. Upgraded
 *   connections may be silent for as long as they like. Null means no limit.
 * @property maxConnections how many connections may be open. One more is answered with 503 at once, and closed.
 * @property halfClose whether a client that has ended what it sends still gets its answer. Otherwise the connection is closed then, and the
 *   handler cancelled, which notices earlier that a client has left. With TLS there is no such half of a connection.
 * @property sendDate whether answers without a `Date` get one.
 */
public class HttpServerOptions(
    public val limits: HttpLimits = HttpLimits.DEFAULT,
    public val headerTimeout: Duration? = 10.seconds,
    public val idleTimeout: Duration? = 75.seconds,
    public val bodyTimeout: Duration? = 60.seconds,
    public val maxConnections: Int = Int.MAX_VALUE,
    public val halfClose: Boolean = true,
    public val sendDate: Boolean = true,
) {
    init {
        for ((name, limit) in listOf("headerTimeout" to headerTimeout, "idleTimeout" to idleTimeout, "bodyTimeout" to bodyTimeout)) {
            require(limit == null || limit.isPositive()) { "$name is $limit: it must be positive, or null for no limit" }
        }
        require(maxConnections > 0) { "maxConnections is $maxConnections: it must be positive" }
    }

    override fun toString(): String =
        "HttpServerOptions(limits=$limits, headerTimeout=$headerTimeout, idleTimeout=$idleTimeout, bodyTimeout=$bodyTimeout, " +
            "maxConnections=$maxConnections, halfClose=$halfClose, sendDate=$sendDate)"
}
