// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.Engine
import dev.simul.demo.LOOPBACK
import dev.simul.demo.LocalServer
import dev.simul.demo.randomHere
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.ApplicationCall
import io.ktor.server.response.respond
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.delay
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.TimeSource

/**
 * A web server with the flags of all member states, below `/flags`. Only this machine can reach it, unless it is told otherwise.
 *
 * It lives in another thread than its clients: for them it is as far away as any other server.
 *
 * @param latency how long an answer takes on average; each one takes from half to one and a half times as long.
 * @param trouble what keeps it from answering.
 * @param engine what it runs on.
 * @param host the name or the address of this machine that it listens at.
 * @param port where it listens; 0 is any port that is free.
 */
internal open class FlagServer(
    private val latency: Duration = 50.milliseconds,
    private val trouble: Trouble = noTrouble,
    engine: Engine = Engine.SIMUL,
    host: String = LOOPBACK,
    port: Int = 0,
) : FlagSite {
    private val inFlight = AtomicInteger()
    private val peak = AtomicInteger()
    private val answeringNanos = AtomicLong()

    private val server =
        LocalServer(host, port, engine) {
            routing {
                get("/flags/{code}/{file}") { answer(call) }
            }
        }

    /** The most requests that ever waited for their answers at the same time. */
    val mostInFlight: Int get() = peak.get()

    override val answeringTime: Duration get() = answeringNanos.get().nanoseconds

    /** What URLs begin with, once the server is open: `http://127.0.0.1:40961/flags`. */
    lateinit var base: String
        private set

    /** Starts to listen. */
    override suspend fun open(): String {
        base = server.start() + "/flags"
        return base
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.aclose()

    private suspend fun answer(call: ApplicationCall) {
        val code = call.parameters["code"].orEmpty()
        val file = call.parameters["file"].orEmpty()
        think(code.uppercase())
        val refusal = if (code.uppercase() in memberStates) trouble.with(code.uppercase(), file) else HttpStatusCode.NotFound
        when {
            refusal != null -> call.respond(refusal)
            file == "$code.png" -> call.respondBytes(paintFlag(code), ContentType.Image.PNG)
            file == "metadata.json" -> call.respondText(metadataOf(code.uppercase()), ContentType.Application.Json)
            else -> call.respond(HttpStatusCode.NotFound)
        }
    }

    private suspend fun think(code: String) {
        val begin = TimeSource.Monotonic.markNow()
        peak.accumulateAndGet(inFlight.incrementAndGet(), ::maxOf)
        try {
            ponder(code)
        } finally {
            inFlight.decrementAndGet()
            answeringNanos.addAndGet(begin.elapsedNow().inWholeNanoseconds)
        }
    }

    /** Takes the time that an answer about the country of [code] takes. */
    protected open suspend fun ponder(code: String) = delay(latency * randomHere().nextDouble(0.5, 1.5))
}
