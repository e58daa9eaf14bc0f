// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.AsyncCloseable
import io.ktor.server.application.Application
import io.ktor.server.application.serverConfig
import io.ktor.server.cio.CIO
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import kotlinx.coroutines.CoroutineExceptionHandler

/** Where the demo's servers listen: nobody but this machine can reach them. */
internal const val LOOPBACK = "127.0.0.1"

/**
 * A web server that only this machine can reach.
 *
 * It lives in Ktor's threads and not on a loop: for its clients it is as far away as any other server.
 *
 * @param port where it listens; 0 is any port that is free.
 */
internal class LocalServer(
    port: Int = 0,
    module: Application.() -> Unit,
) : AsyncCloseable {
    private val server =
        embeddedServer(
            CIO,
            serverConfig(applicationEnvironment()) {
                // Who starts it hears of what goes wrong; without this the thread would print it as well.
                parentCoroutineContext = CoroutineExceptionHandler { _, _ -> }
                module(module)
            },
            configure = {
                connector {
                    host = LOOPBACK
                    this.port = port
                }
                shutdownGracePeriod = 0
            },
        )

    /** Starts to listen, and returns what URLs begin with: `http://127.0.0.1:40961`. What goes wrong comes as it is, or as a cause. */
    suspend fun start(): String {
        server.startSuspend()
        return "http://$LOOPBACK:${server.engine.resolvedConnectors().single().port}"
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
}
