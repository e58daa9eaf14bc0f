// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.ktor.events.Events
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationEnvironment
import io.ktor.server.engine.ApplicationEngineFactory

/**
 * Ktor's server on an event loop: receiving, TLS, timers and the handlers run in its one thread, and handlers as its tasks.
 *
 * ```
 * embeddedServer(Simul, port = 8080) {
 *     routing { get("/") { call.respondText("Hello") } }
 * }.start(wait = true)
 * ```
 *
 * In handlers, `currentTask()`, timeouts and task groups work as in any task; Ktor launches WebSocket sessions itself, as coroutines of the loop
 * that are not tasks. What is launched in a call's scope is awaited before the connection's next request, and cancelled if the client leaves:
 * launch in the application what is to outlive a call. There is no HTTP/2.
 *
 * Made in a running loop, the server runs on that loop; otherwise on one of its own, in a daemon thread. See
 * [SimulApplicationEngine.Configuration.loop].
 */
public object Simul : ApplicationEngineFactory<SimulApplicationEngine, SimulApplicationEngine.Configuration> {
    override fun configuration(configure: SimulApplicationEngine.Configuration.() -> Unit): SimulApplicationEngine.Configuration =
        SimulApplicationEngine.Configuration().apply(configure)

    override fun create(
        environment: ApplicationEnvironment,
        monitor: Events,
        developmentMode: Boolean,
        configuration: SimulApplicationEngine.Configuration,
        applicationProvider: () -> Application,
    ): SimulApplicationEngine = SimulApplicationEngine(environment, monitor, developmentMode, configuration, applicationProvider)

    override fun toString(): String = "Simul"
}
