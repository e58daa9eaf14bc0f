package dev.simul.demo

import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import kotlin.time.Duration.Companion.seconds

/** How long a demo waits for anybody, if nobody says otherwise. */
internal val PATIENCE = 30.seconds

/** A client that can have that many [connections] to one server, and follows redirects. It waits for ever: give it a timeout. */
internal fun webClient(connections: Int): HttpClient =
    HttpClient(CIO) {
        engine {
            requestTimeout = 0
            maxConnectionsCount = connections
            endpoint.maxConnectionsPerRoute = connections
            endpoint.connectTimeout = Long.MAX_VALUE
        }
    }
