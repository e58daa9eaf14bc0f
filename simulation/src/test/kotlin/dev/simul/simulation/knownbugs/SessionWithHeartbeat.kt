// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.createTask
import dev.simul.exceptions.ExceptionGroup
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.server
import dev.simul.sleep
import dev.simul.wait
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

/**
 * A session repeats its requests when one fails, as long as its heartbeat lasts. The server ends both connections, each at some time: with the
 * heartbeat, the session has to end.
 */
internal suspend fun Simulation.sessionWithHeartbeat(group: Group) {
    server("server") { _, _ -> sleep(getRunningLoop().random.nextInt(10).milliseconds) }
    val client =
        host("client") {
            val session = createTask("session") { session(group) }
            wait(listOf(session), timeout = 100.milliseconds)
            check(session.done()) { "the heartbeat is lost, and the session goes on" }
            check(session.exception() is ExceptionGroup) { "the session has ended by ${session.exception()}" }
        }
    client.join()
}

private suspend fun Simulation.session(group: Group) =
    group { spawn ->
        spawn { heldConnection("the heartbeat") }
        while (true) {
            try {
                group { spawnRequest -> spawnRequest { heldConnection("the request") } }
            } catch (_: ExceptionGroup) {
                log("repeats the request")
                sleep(10.milliseconds)
            }
        }
    }

private suspend fun Simulation.heldConnection(what: String) {
    connected("server") { reader, _ -> reader.read(1) }
    log("$what has failed")
    throw IOException("$what has failed")
}
