// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.net.ConnectionOptions
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * How a connector makes and keeps its connections.
 *
 * Source: the keyword arguments of `aiohttp.TCPConnector`.
 *
 * @property limit the most connections that are open at once; requests beyond wait for one, in the order of their arrival.
 * @property limitPerHost as [limit], for each route.
 * @property keepaliveTimeout for how long a connection is kept that nobody uses.
 * @property maximumAge for how long a connection is used at all: no request begins on an older one.
 * @property connectTimeout how long making a connection may take, the TLS handshake included; not counted is the wait for [limit].
 * @property ttlDnsCache for how long the addresses of a name are kept; zero to look them up for each connection.
 * @property expectContinueTimeout how long a request with `Expect: 100-continue` waits to be asked for its body, before it sends it unasked.
 * @property connection how connections are made. Its TLS options are ignored: a route has its own.
 * @property limits how much of a response is accepted.
 */
public class HttpConnectorOptions(
    public val limit: Int = 100,
    public val limitPerHost: Int = limit,
    public val keepaliveTimeout: Duration = 15.seconds,
    public val maximumAge: Duration = 10.minutes,
    public val connectTimeout: Duration = 30.seconds,
    public val ttlDnsCache: Duration = 10.seconds,
    public val expectContinueTimeout: Duration = 1.seconds,
    public val connection: ConnectionOptions = ConnectionOptions(happyEyeballsDelay = 250.milliseconds),
    public val limits: HttpLimits = HttpLimits.DEFAULT,
) {
    init {
        require(limit > 0) { "limit is $limit: it must be positive" }
        require(limitPerHost > 0) { "limitPerHost is $limitPerHost: it must be positive" }
        requirePositive("keepaliveTimeout", keepaliveTimeout)
        requirePositive("maximumAge", maximumAge)
        requirePositive("connectTimeout", connectTimeout)
        require(!ttlDnsCache.isNegative()) { "ttlDnsCache is $ttlDnsCache: it must not be negative" }
        requirePositive("expectContinueTimeout", expectContinueTimeout)
    }

    override fun toString(): String =
        "HttpConnectorOptions(limit=$limit, limitPerHost=$limitPerHost, keepaliveTimeout=$keepaliveTimeout, maximumAge=$maximumAge, " +
            "connectTimeout=$connectTimeout, ttlDnsCache=$ttlDnsCache, expectContinueTimeout=$expectContinueTimeout, " +
            "connection=$connection, limits=$limits)"
}
