// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import dev.simul.AsyncCloseable
import dev.simul.demo.Engine
import dev.simul.demo.LocalServer
import dev.simul.loop.getRunningLoop
import io.ktor.http.ContentType
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.ApplicationCall
import io.ktor.server.request.header
import io.ktor.server.response.header
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.delay
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Stands in for GitHub: it has two releases of `stedolan/jq`, with files that are called as the real ones and hold nothing of use.
 * They come slowly enough to be watched.
 *
 * It runs on the loop that it is made in, beside its clients.
 *
 * @param pause how long each chunk of a file takes.
 * @param engine what it runs on.
 */
internal class ReleaseServer(
    private val pause: Duration = 25.milliseconds,
    engine: Engine = Engine.SIMUL,
) : AsyncCloseable {
    private val server =
        LocalServer(engine = engine, loop = getRunningLoop()) {
            routing {
                get("/repos/{owner}/{name}/releases/tags/{tag}") { describe(call) }
                get("/download/{tag}/{file}") { send(call) }
            }
        }

    /** What URLs begin with, once the server has started: `http://127.0.0.1:40961`. */
    lateinit var address: String
        private set

    /** Starts to listen, at a port that is free. */
    suspend fun start() {
        address = server.start()
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.aclose()

    private suspend fun describe(call: ApplicationCall) {
        val tag = call.parameters["tag"]
        val files = RELEASES[tag].takeIf { "${call.parameters["owner"]}/${call.parameters["name"]}" == REPOSITORY }
        if (files == null) {
            call.respondText("""{"message":"Not Found"}""", ContentType.Application.Json, HttpStatusCode.NotFound)
            return
        }
        val release =
            buildJsonObject {
                put("tag_name", tag)
                putJsonArray("assets") {
                    for ((name, size) in files) {
                        addJsonObject {
                            put("name", name)
                            put("size", size)
                            put("browser_download_url", "$address/download/$tag/$name")
                        }
                    }
                }
            }
        call.respondText("$release", ContentType.Application.Json)
    }

    private suspend fun send(call: ApplicationCall) {
        val size = RELEASES[call.parameters["tag"]]?.get(call.parameters["file"])
        if (size == null) return call.respondText("Not Found", status = HttpStatusCode.NotFound)
        val version = "\"${call.parameters["tag"]}-$size\""
        val from = call.rangeStart(version).takeIf { it in 0 until size } ?: 0
        call.response.header(HttpHeaders.ETag, version)
        call.response.header(HttpHeaders.AcceptRanges, "bytes")
        if (from > 0) call.response.header(HttpHeaders.ContentRange, "bytes $from-${size - 1}/$size")
        val status = if (from > 0) HttpStatusCode.PartialContent else HttpStatusCode.OK
        call.respondBytesWriter(ContentType.Application.OctetStream, status, contentLength = (size - from).toLong()) {
            for (start in from until size step CHUNK) {
                writeFully(content(start, minOf(size, start + CHUNK)))
                flush()
                delay(pause)
            }
        }
    }

    /** Where a request wants to begin; 0 if what it has is not of this [version]. */
    private fun ApplicationCall.rangeStart(version: String): Int {
        val range = request.header(HttpHeaders.Range)?.let { Regex("bytes=(\\d+)-").matchEntire(it) } ?: return 0
        val condition = request.header(HttpHeaders.IfRange) ?: version
        return if (condition == version) range.groupValues[1].toIntOrNull() ?: 0 else 0
    }

    companion object {
        const val REPOSITORY = "stedolan/jq"
        private const val CHUNK = 64 * 1024

        /** The sizes of the files of all releases. */
        val RELEASES: Map<String, Map<String, Int>> =
            mapOf(
                "jq-1.5" to
                    mapOf(
                        "jq-1.5.tar.gz" to 739_309,
                        "jq-1.5.zip" to 747_253,
                        "jq-linux32" to 2_768_620,
                        "jq-linux64" to 3_027_945,
                        "jq-win64.exe" to 2_306_048,
                    ),
                "jq-1.6" to
                    mapOf(
                        "jq-1.6.tar.gz" to 1_845_820,
                        "jq-1.6.zip" to 1_959_021,
                        "jq-linux64" to 3_953_824,
                        "jq-osx-amd64" to 862_068,
                        "jq-win64.exe" to 3_523_591,
                    ),
            )

        /** The bytes of any file from [start] to [end]. */
        fun content(
            start: Int,
            end: Int,
        ): ByteArray = ByteArray(end - start) { ((start + it) % 251).toByte() }
    }
}
