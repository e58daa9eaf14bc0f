// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.workers.Supervisor
import io.ktor.server.engine.EngineConnectorConfig
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Those of several workers, which a supervisor in the running loop watches: they share a socket for each connector.
 *
 * @param ended called with the reason if the workers end although nobody told them to: a handler has exited, say.
 */
internal class WorkerServers(
    private val configuration: SimulApplicationEngine.Configuration,
    private val newCalls: () -> SimulCalls,
    private val ended: (Throwable) -> Unit,
) : EngineServers {
    private val supervisor = Supervisor(configuration.workers, configuration.workerOptions) { work() }

    /** What the first worker has opened, or why it could not. */
    private val opened = CompletableDeferred<List<EngineConnectorConfig>>()

    /** Whether the workers were told to end. */
    private var isEnding = false

    @Volatile
    private var grace = configuration.shutdownGracePeriod.milliseconds

    @Volatile
    private var flush = configuration.shutdownTimeout.milliseconds - grace

    override suspend fun open(): List<EngineConnectorConfig> {
        supervisor.start()
        getRunningLoop().createTask("ktor-workers") { watch() }
        return opened.await().also { supervisor.waitServing() }
    }

    private suspend fun watch() {
        val failure =
            try {
                supervisor.waitClosed()
                IllegalStateException("all workers have ended")
            } catch (e: CancellationException) {
                throw e
            } catch (e: Throwable) {
                e // It would leave the loop before the server is shut down.
            }
        if (!isEnding) ended(failure)
    }

    /** The main of each worker. One that cannot open its connectors ends, and so does the start; later it fails, and is tried again. */
    private suspend fun work() {
        val servers = LoopServers(configuration, newCalls())
        try {
            opened.complete(servers.open())
            getRunningLoop().createFuture<Unit>().await()
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            if (!endsStart(e)) throw e
        } finally {
            servers.shutDown(grace, flush)
        }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private fun endsStart(failure: Throwable): Boolean =
        opened.completeExceptionally(failure) || opened.getCompletionExceptionOrNull() != null

    override suspend fun shutDown(
        grace: Duration,
        flush: Duration,
    ) {
        isEnding = true
        this.grace = grace
        this.flush = flush
        supervisor.shutdown(grace + flush.coerceAtLeast(Duration.ZERO) + SPARE)
    }

    override val isHere: Boolean get() = supervisor.loop?.isInLoop == true || supervisor.workers.any { it.loop.isInLoop }

    private companion object {
        /** For what workers have to do after their last connection is closed. */
        val SPARE = 500.milliseconds
    }
}
