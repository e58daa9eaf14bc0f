// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.HttpConnectorOptions
import dev.simul.tls.SslContext
import io.ktor.client.engine.HttpClientEngineConfig

/**
 * The configuration of [Simul].
 *
 * Of Ktor's own settings it takes `proxy`, for HTTP proxies. It refuses `pipelining`, and a `dispatcher`: requests run on event loops.
 */
public class SimulClientConfig : HttpClientEngineConfig() {
    /** How connections are made and kept; the limits are for each loop. */
    public var connector: HttpConnectorOptions = HttpConnectorOptions(limit = 1_000, limitPerHost = 100)

    /** The TLS context for `https` and `wss`; if null, one with the JDK's authorities. */
    public var ssl: SslContext? = null
}
