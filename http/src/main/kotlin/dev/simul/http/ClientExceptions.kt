// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.io.IOException
import java.net.SocketTimeoutException
import kotlin.time.Duration

/**
 * No connection was made in time.
 *
 * Source: `aiohttp.ConnectionTimeoutError`.
 */
public class ConnectTimeoutException(
    route: HttpRoute,
    timeout: Duration,
) : SocketTimeoutException("no connection to $route within $timeout")

/**
 * A proxy refused a tunnel.
 *
 * @property response what it said: `407 Proxy Authentication Required`, say.
 */
public class ProxyException(
    route: HttpRoute,
    public val response: ResponseHead,
) : IOException("the proxy refused a tunnel to $route: ${response.status} ${response.reason}".trimEnd())
