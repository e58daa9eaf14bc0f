// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.LocalServer
import dev.simul.ktor.client.Simul
import io.ktor.client.HttpClient
import io.ktor.client.plugins.api.createClientPlugin
import io.ktor.http.Url
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.runBlocking

/** A server of this machine that stands in for all web sites, so that programs need no network. */
internal class StandIn : AutoCloseable {
    private val server =
        LocalServer {
            routing { get("/") { call.respondText("Hello, world!") } }
        }

    private val address = Url(runBlocking { server.start() })

    private val detour =
        createClientPlugin("Detour") {
            onRequest { request, _ ->
                request.url.protocol = address.protocol
                request.url.host = address.host
                request.url.port = address.port
            }
        }

    /** A client that finds every site here; who asks for it closes it. */
    fun client(): HttpClient = HttpClient(Simul) { install(detour) }

    override fun close() = runBlocking { server.aclose() }
}
