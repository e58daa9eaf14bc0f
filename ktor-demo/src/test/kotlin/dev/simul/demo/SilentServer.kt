// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.AsyncCloseable
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.awaitCancellation

/** A server that says hello at `/hello`, and at `/silent` never answers. */
internal class SilentServer(
    engine: Engine = Engine.SIMUL,
) : AsyncCloseable {
    private val loop = getRunningLoop()
    private val unanswered = Queue<Unit>()
    private val server =
        LocalServer(engine = engine) {
            routing {
                get("/hello") { call.respondText("hello") }
                get("/silent") { beSilent() }
            }
        }

    private lateinit var address: String

    val hello: String get() = "$address/hello"

    val silent: String get() = "$address/silent"

    suspend fun start() {
        address = server.start()
    }

    /** Waits for a request that gets no answer. */
    suspend fun silentRequest() = unanswered.get()

    override suspend fun aclose() = server.aclose()

    private suspend fun beSilent(): Nothing {
        loop.callSoonThreadsafe { unanswered.putNowait(Unit) }
        awaitCancellation()
    }
}
