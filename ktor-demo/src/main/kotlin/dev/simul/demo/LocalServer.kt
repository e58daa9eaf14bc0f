package dev.simul.demo

import dev.simul.AsyncCloseable
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer

/**
 * A web server that only this machine can reach, at a port that is free.
 *
 * It lives in Ktor's threads and not on a loop: for its clients it is as far away as any other server.
 */
internal class LocalServer(
    module: Application.() -> Unit,
) : AsyncCloseable {
    private val server =
        embeddedServer(
            CIO,
            environment = applicationEnvironment(),
            configure = {
                connector {
                    host = "127.0.0.1"
                    port = 0
                }
                shutdownGracePeriod = 0
            },
            module = module,
        )

    /** Starts to listen, and returns what URLs begin with: `http://127.0.0.1:40961`. */
    suspend fun start(): String {
        server.startSuspend()
        return "http://127.0.0.1:${server.engine.resolvedConnectors().single().port}"
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
}
