// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.AsyncCloseable
import dev.simul.demo.Engine
import dev.simul.demo.LOOPBACK
import dev.simul.demo.LocalServer
import dev.simul.loop.getRunningLoop
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.http.withCharset
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCall
import io.ktor.server.response.header
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondText
import io.ktor.server.routing.Route
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import java.net.BindException

/**
 * Finds characters for browsers: a page at `/`, and behind it an API at `/search?q=`, which `/openapi.json` describes.
 *
 * It runs on the loop that it is started in, and listens at [host], which is this machine.
 */
internal class WebServer(
    private val index: InvertedIndex,
    private val engine: Engine = Engine.SIMUL,
    private val host: String = LOOPBACK,
) : AsyncCloseable {
    private var server: LocalServer? = null

    /**
     * Listens at [port] of this machine, 0 for any that is free.
     *
     * @return the address of the page.
     * @throws dev.simul.demo.Failure if it cannot.
     */
    suspend fun start(port: Int): String {
        val server = LocalServer(host, port, engine, getRunningLoop()) { routes() }
        this.server = server
        try {
            return server.start() + "/"
        } catch (e: Exception) {
            // It comes as it is, or as the cause of the server's cancellation.
            val cause = generateSequence<Throwable>(e) { it.cause }.firstNotNullOfOrNull { it as? BindException } ?: throw e
            throw portFailure("--web", port, cause)
        }
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() {
        server?.aclose()
    }

    private fun Application.routes() {
        routing {
            resource("/", "index.html", ContentType.Text.Html)
            resource("/mojifinder.css", "mojifinder.css", ContentType.Text.CSS)
            resource("/mojifinder.js", "mojifinder.js", ContentType.Text.JavaScript)
            resource("/openapi.json", "openapi.json", ContentType.Application.Json)
            get("/search") { search(call) }
        }
    }

    private fun Route.resource(
        path: String,
        name: String,
        type: ContentType,
    ) {
        val bytes = WebServer::class.java.getResource("/mojifinder/$name")!!.readBytes()
        get(path) {
            call.response.header("Content-Security-Policy", "default-src 'self'; img-src data:; base-uri 'none'; form-action 'self'")
            call.response.header("X-Content-Type-Options", "nosniff")
            call.respondBytes(bytes, type.withCharset(Charsets.UTF_8))
        }
    }

    private suspend fun search(call: ApplicationCall) {
        val query = call.request.queryParameters["q"]
        if (query == null) {
            call.respondJson(missing("q"), HttpStatusCode.UnprocessableEntity)
        } else {
            call.respondJson(json(index.search(query)))
        }
    }

    private suspend fun ApplicationCall.respondJson(
        body: JsonElement,
        status: HttpStatusCode = HttpStatusCode.OK,
    ) = respondText("$body", ContentType.Application.Json.withCharset(Charsets.UTF_8), status)

    private fun json(found: List<NamedCharacter>) =
        buildJsonArray {
            for (character in found) {
                addJsonObject {
                    put("char", character.char)
                    put("name", character.name)
                }
            }
        }

    /** What FastAPI says of a parameter that is missing. */
    private fun missing(parameter: String) =
        buildJsonObject {
            putJsonArray("detail") {
                addJsonObject {
                    put("type", "missing")
                    putJsonArray("loc") {
                        add("query")
                        add(parameter)
                    }
                    put("msg", "Field required")
                }
            }
        }
}
