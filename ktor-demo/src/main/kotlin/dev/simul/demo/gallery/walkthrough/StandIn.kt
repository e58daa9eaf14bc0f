package dev.simul.demo.gallery.walkthrough

import io.ktor.client.HttpClient
import io.ktor.client.plugins.api.createClientPlugin
import io.ktor.http.URLProtocol
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.runBlocking
import io.ktor.client.engine.cio.CIO as ClientCIO

/** A server of this machine that stands in for all web sites, so that programs need no network. */
internal class StandIn : AutoCloseable {
    private val server =
        embeddedServer(CIO, host = "127.0.0.1", port = 0) {
            routing { get("/") { call.respondText("Hello, world!") } }
        }.start()

    private val port = runBlocking { server.engine.resolvedConnectors() }.single().port

    private val detour =
        createClientPlugin("Detour") {
            onRequest { request, _ ->
                request.url.protocol = URLProtocol.HTTP
                request.url.host = "127.0.0.1"
                request.url.port = port
            }
        }

    /** A client that finds every site here; who asks for it closes it. */
    fun client(): HttpClient = HttpClient(ClientCIO) { install(detour) }

    override fun close() = server.stop(gracePeriodMillis = 0, timeoutMillis = 500)
}
