package dev.simul.demo.flags

import dev.simul.AsyncCloseable
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.ApplicationCall
import io.ktor.server.cio.CIO
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respond
import io.ktor.server.response.respondBytes
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.delay
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * A web server with the flags of all member states, the French one at `/flags/fr.png`. Only this machine can reach it.
 *
 * It lives in Ktor's threads and not on a loop: for its clients it is as far away as any other server.
 *
 * @param latency how long an answer takes on average; each one takes from half to one and a half times as long.
 * @param missing codes of flags that it does not have: it answers 404.
 * @param broken codes that it has trouble with: it answers 503.
 */
internal open class FlagServer(
    private val latency: Duration = 50.milliseconds,
    private val missing: Set<String> = emptySet(),
    private val broken: Set<String> = emptySet(),
) : AsyncCloseable {
    private val inFlight = AtomicInteger()
    private val peak = AtomicInteger()

    private val server =
        embeddedServer(
            CIO,
            environment = applicationEnvironment(),
            configure = {
                connector {
                    host = "127.0.0.1"
                    port = 0
                }
                shutdownGracePeriod = 0
            },
        ) {
            routing {
                get("/flags/{code}.png") { answer(call) }
            }
        }

    /** The most requests that ever waited for their answers at the same time. */
    val mostInFlight: Int get() = peak.get()

    /** What URLs begin with, once the server has started: `http://127.0.0.1:40961`. */
    lateinit var address: String
        private set

    /** Starts to listen, at a port that is free. */
    suspend fun start() {
        server.startSuspend()
        val port = server.engine.resolvedConnectors().single().port
        address = "http://127.0.0.1:$port"
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)

    private suspend fun answer(call: ApplicationCall) {
        val code = call.parameters["code"]
        think()
        when (code) {
            !in memberStates, in missing -> call.respond(HttpStatusCode.NotFound)
            in broken -> call.respond(HttpStatusCode.ServiceUnavailable)
            else -> call.respondBytes(paintFlag(code!!), ContentType.Image.PNG)
        }
    }

    private suspend fun think() {
        peak.accumulateAndGet(inFlight.incrementAndGet(), ::maxOf)
        try {
            ponder()
        } finally {
            inFlight.decrementAndGet()
        }
    }

    /** Takes the time that an answer takes. */
    protected open suspend fun ponder() = delay(latency * Random.nextDouble(0.5, 1.5))
}
