// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import com.github.ajalt.clikt.core.ParameterHolder
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.enum
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpLimits
import dev.simul.loop.EventLoop
import io.ktor.client.engine.HttpClientEngine
import io.ktor.server.application.ServerConfig
import io.ktor.server.engine.ApplicationEngine
import io.ktor.server.engine.EmbeddedServer
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import kotlin.time.Duration
import dev.simul.ktor.client.Simul as SimulClient
import dev.simul.ktor.server.Simul as SimulServer
import io.ktor.client.engine.cio.CIO as ClientCio
import io.ktor.server.cio.CIO as ServerCio

/** Where the demo's servers listen: nobody but this machine can reach them. */
internal const val LOOPBACK = "127.0.0.1"

/** As many bytes as the header fields of an answer may have, and its status line. */
internal const val LONGEST_HEAD = 64 * 1024

/** What Ktor's clients and servers run on. The clients have no limits of time. */
internal enum class Engine {
    /** Event loops. */
    SIMUL {
        override fun client(connections: Int): HttpClientEngine =
            SimulClient.create {
                val limits = HttpLimits(startLine = LONGEST_HEAD, headers = LONGEST_HEAD, fields = LONGEST_HEAD)
                connector = HttpConnectorOptions(limit = connections, connectTimeout = Duration.INFINITE, limits = limits)
            }

        override fun server(
            config: ServerConfig,
            host: String,
            port: Int,
            loop: EventLoop?,
        ) = embeddedServer(SimulServer, config) {
            listenAt(host, port)
            this.loop = loop
        }
    },

    /** Threads of Ktor's own. */
    CIO {
        override fun client(connections: Int): HttpClientEngine =
            ClientCio.create {
                requestTimeout = 0
                maxConnectionsCount = connections
                endpoint.maxConnectionsPerRoute = connections
                endpoint.connectTimeout = Long.MAX_VALUE
            }

        override fun server(
            config: ServerConfig,
            host: String,
            port: Int,
            loop: EventLoop?,
        ) = embeddedServer(ServerCio, config) { listenAt(host, port) }
    },
    ;

    /** An engine for clients, which has at most that many [connections]. */
    abstract fun client(connections: Int): HttpClientEngine

    /**
     * A server that listens at [port] of [host], which is this machine. It runs on that [loop], or if that is null on its own, if it is one
     * that runs on a loop.
     */
    abstract fun server(
        config: ServerConfig,
        host: String,
        port: Int,
        loop: EventLoop?,
    ): EmbeddedServer<*, *>
}

private fun ApplicationEngine.Configuration.listenAt(
    host: String,
    port: Int,
) {
    connector {
        this.host = host
        this.port = port
    }
}

/** The option that says which [Engine] a command uses, for [what] of it. */
internal fun ParameterHolder.engineOption(what: String) =
    option("--engine")
        .help("Ktor's engine for $what: simul (default) is the event loop, cio has threads of its own.")
        .enum<Engine> { it.name.lowercase() }
        .default(Engine.SIMUL)
