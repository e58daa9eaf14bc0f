// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.ktor.client.HttpClient
import io.ktor.client.engine.HttpClientEngine
import io.ktor.client.engine.cio.CIO
import kotlinx.coroutines.job
import kotlin.time.Duration.Companion.seconds

/** How long a demo waits for anybody, if nobody says otherwise. */
internal val PATIENCE = 30.seconds

/** A client that can have that many [connections], and follows redirects. It waits for ever: give it a timeout. */
internal fun webClient(connections: Int): HttpClient = clientOn(BoundedEngine(connections, beyondProxies = ktorEngine(connections)))

/** A client that closes its [engine]. */
internal fun clientOn(engine: HttpClientEngine): HttpClient =
    HttpClient(engine).also { client -> client.coroutineContext.job.invokeOnCompletion { engine.close() } }

/** Ktor's own engine, without its limits of time. */
internal fun ktorEngine(connections: Int): HttpClientEngine =
    CIO.create {
        requestTimeout = 0
        maxConnectionsCount = connections
        endpoint.maxConnectionsPerRoute = connections
        endpoint.connectTimeout = Long.MAX_VALUE
    }
