// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.HttpServer
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.http.createUnixHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.net.ServerOptions
import io.ktor.server.engine.ApplicationEngine
import io.ktor.server.engine.ConnectorType
import io.ktor.server.engine.EngineConnectorBuilder
import io.ktor.server.engine.EngineConnectorConfig
import io.ktor.server.engine.EngineSSLConnectorConfig
import io.ktor.server.engine.withPort
import java.net.InetSocketAddress
import java.nio.file.Path

/** A connector for a Unix domain socket. */
public class UnixConnectorConfig internal constructor(
    /** The path of the socket. An existing socket there is removed first, and this one when the server stops. */
    public val path: Path,
) : EngineConnectorConfig by EngineConnectorBuilder(ConnectorType.UNIX) {
    override val addressDescription: String get() = "unix://$path"

    override fun toString(): String = "UNIX $path"
}

/** Adds a connector for the Unix domain socket at [path]. Only the engine [Simul] takes it. */
public fun ApplicationEngine.Configuration.unixConnector(path: Path) {
    connectors.add(UnixConnectorConfig(path))
}

/** Serves on this connector, in the running loop. */
internal suspend fun EngineConnectorConfig.serve(
    configuration: SimulApplicationEngine.Configuration,
    answer: suspend (ServerExchange) -> Unit,
): HttpServer {
    require(this is UnixConnectorConfig || type == ConnectorType.HTTP || this is EngineSSLConnectorConfig) {
        "the engine Simul has no connectors of the type ${type.name}: use connector, sslConnector or its own unixConnector"
    }
    val options =
        ServerOptions(
            backlog = configuration.backlog,
            reuseAddress = configuration.reuseAddress,
            reusePort = configuration.reusePort,
            ssl = (this as? EngineSSLConnectorConfig)?.sslContext(),
        )
    val loop = getRunningLoop()
    if (this is UnixConnectorConfig) return loop.createUnixHttpServer(path, options, configuration.http, answer)
    // Ktor's default, which means all interfaces: the JDK's sockets for IPv6 take both kinds of connections.
    val host = host.takeUnless { it == "0.0.0.0" }
    return loop.createHttpServer(host, port, options, configuration.http, answer)
}

/** This connector, with the port that [server] has got. */
internal fun EngineConnectorConfig.at(server: HttpServer): EngineConnectorConfig =
    when (val address = server.addresses.first()) {
        is InetSocketAddress -> withPort(address.port)
        else -> this
    }
