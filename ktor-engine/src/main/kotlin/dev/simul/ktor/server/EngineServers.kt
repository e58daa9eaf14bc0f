// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.HttpServer
import dev.simul.taskGroup
import io.ktor.server.engine.EngineConnectorConfig
import kotlin.time.Duration

/** The servers of an engine, one for each connector, in each of its loops. */
internal interface EngineServers {
    /** Opens the connectors, and returns them with the ports that they have got. */
    suspend fun open(): List<EngineConnectorConfig>

    /** Ends all that was opened: cancels handlers after [grace], and aborts connections [flush] after that. */
    suspend fun shutDown(
        grace: Duration,
        flush: Duration,
    )

    /** Whether the calling thread runs one of the loops that handlers run in. */
    val isHere: Boolean
}

/** Those of the running loop. */
internal class LoopServers(
    private val configuration: SimulApplicationEngine.Configuration,
    private val calls: SimulCalls,
) : EngineServers {
    private val servers = ArrayList<HttpServer>()

    override suspend fun open(): List<EngineConnectorConfig> =
        configuration.connectors.map { connector ->
            val server = connector.serve(configuration, calls::answer).also(servers::add)
            connector.at(server)
        }

    override suspend fun shutDown(
        grace: Duration,
        flush: Duration,
    ) = taskGroup { group ->
        for (server in servers) group.createTask { server.shutdown(grace, flush.coerceAtLeast(Duration.ZERO)) }
    }

    override val isHere: Boolean get() = calls.loop.isInLoop
}
