// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.ktor.client.Simul
import dev.simul.ktor.client.SimulClientConfig
import dev.simul.waitFor
import io.ktor.client.HttpClient
import io.ktor.client.HttpClientConfig
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [body] in a task, with a client on this task's loop, and with another engine's server that serves [application] at a port. */
internal fun withCio(
    application: Application.() -> Unit,
    configure: HttpClientConfig<SimulClientConfig>.() -> Unit = {},
    body: suspend (HttpClient, Int) -> Unit,
) {
    val server = embeddedServer(CIO, port = 0, host = "127.0.0.1", module = application).start()
    try {
        runLoop {
            waitFor(30.seconds) {
                val port = server.engine.resolvedConnectors().single().port
                HttpClient(Simul, configure).use { body(it, port) }
            }
        }
    } finally {
        server.stop(0, 0)
    }
}
