// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.repeating.Backoff
import dev.simul.streams.startServer
import dev.simul.workers.Supervisor
import dev.simul.workers.WorkerOptions
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val OPTIONS = WorkerOptions(Backoff.constant(10.milliseconds), grace = Duration.ZERO, forcedGrace = 10.seconds)

private fun supervisor() =
    Supervisor(2, OPTIONS) {
        startServer("127.0.0.1", 0) { _, writer -> writer.aclose() }.serveForever()
    }

private suspend fun Supervisor.use(block: suspend (Supervisor) -> Unit) {
    start()
    try {
        block(this)
    } finally {
        aclose()
    }
}

/** Supervisors, whose workers are threads. */
internal fun CancelTable.workers() {
    line("Supervisor.waitServing", "Supervisor.aclose", options = SAMPLED) { supervisor().use { it.waitServing() } }
    line("Supervisor.replace", options = SAMPLED) {
        supervisor().use {
            it.waitServing()
            it.replace(it.workers.first())
        }
    }
    line("Supervisor.replaceAll", options = SAMPLED) {
        supervisor().use {
            it.waitServing()
            it.replaceAll()
        }
    }
    line("Supervisor.shutdown", options = SAMPLED) {
        supervisor().use {
            it.waitServing()
            it.shutdown(10.milliseconds)
        }
    }
    line("Supervisor.serveForever", "Supervisor.waitClosed", options = SAMPLED) {
        Supervisor(2, OPTIONS) {}.serveForever()
        Supervisor(2, OPTIONS) {}.use { it.waitClosed() }
    }
}
