// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.workers

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Latency
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.say
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.workers.Supervisor
import dev.simul.workers.Worker
import dev.simul.workers.WorkerOptions
import dev.simul.workers.currentWorker
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * A host `server` whose supervised workers answer numbered requests on port 80, one for each connection, and the clients' view of that.
 *
 * @param work how long the worker takes for a request.
 */
internal class Office(
    private val simulation: Simulation,
    workers: Int,
    options: WorkerOptions = WorkerOptions(),
    private val work: suspend (Worker, Int) -> Unit = { _, _ -> sleep(getRunningLoop().random.nextInt(20).milliseconds) },
) {
    lateinit var supervisor: Supervisor
        private set

    /** By request, the worker in whose loop a handler began with it, each time. */
    val begun = HashMap<Int, ArrayList<Worker>>()

    /** By request, how often a client has got the answer. */
    val answered = HashMap<Int, Int>()

    /** The requests that had no answer. */
    val unanswered = ArrayList<Int>()

    /** How long the clients have waited, each time. */
    val durations = ArrayList<Duration>()

    /** When a worker began, and which. */
    val starts = ArrayList<Pair<Duration, Worker>>()

    private val ends = HashMap<Worker, Future<Unit>>()

    val host: Host =
        simulation.host("server") {
            supervisor = Supervisor(workers, options) { workerMain() }
            supervisor.serveForever()
            sleep(1.seconds) // The tasks of tests end before those of the host are cancelled.
        }

    private suspend fun workerMain() {
        val worker = currentWorker()!!
        starts += simulation.now to worker
        val end = getRunningLoop().createFuture<Unit>().also { ends[worker] = it }
        val server = startServer("0.0.0.0", 80) { reader, writer -> serve(worker, reader, writer) }
        val serving = createTask { server.serveForever() }
        try {
            end.await()
        } finally {
            serving.cancel()
            if (!end.done() || end.cancelled()) server.waitClosed()
        }
    }

    private suspend fun serve(
        worker: Worker,
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        try {
            val request = reader.line().toIntOrNull() ?: return
            begun.getOrPut(request, ::ArrayList) += worker
            work(worker, request)
            writer.say("$request\n")
        } finally {
            writer.close()
        }
    }

    /** The main of [worker] throws [failure]. */
    fun fail(
        worker: Worker,
        failure: Throwable,
    ) {
        worker.loop.callSoonThreadsafe { ends.getValue(worker).setException(failure) }
    }

    /** Sends [request] on a connection of its own; returns whether there was an answer. */
    suspend fun ask(request: Int): Boolean {
        val begun = simulation.now
        val answer =
            try {
                connected { reader, writer ->
                    writer.say("$request\n")
                    reader.line()
                }
            } catch (e: IOException) {
                "$e"
            }
        durations += simulation.now - begun
        if (answer == "$request") answered.merge(request, 1, Int::plus) else unanswered += request
        return answer == "$request"
    }

    /** Runs [block] in the loop of the supervisor, as its own code. */
    suspend fun <T> supervised(block: suspend (Supervisor) -> T): T {
        val done = getRunningLoop().createFuture<T>()
        val here = getRunningLoop()
        val loop = supervisor.loop!!
        loop.callSoonThreadsafe {
            loop.createTask { block(supervisor) }.addDoneCallback { task ->
                here.callSoonThreadsafe {
                    if (task.exception() == null) {
                        done.setResult(
                            task.result(),
                        )
                    } else {
                        done.setException(task.exception()!!)
                    }
                }
            }
        }
        return done.await()
    }

    /** A host that sends [requests], one after the other, with short pauses. */
    fun client(
        name: String,
        requests: IntRange,
        pause: Duration = 10.milliseconds,
    ): Host =
        simulation.host(name) {
            for (request in requests) {
                ask(request)
                sleep(pause * getRunningLoop().random.nextDouble())
            }
        }
}

/** The program on a network with some latency. */
internal fun Simulation.office(
    workers: Int,
    options: WorkerOptions = WorkerOptions(),
    work: suspend (Worker, Int) -> Unit = { _, _ -> sleep(getRunningLoop().random.nextInt(20).milliseconds) },
): Office {
    network.conditions.latency = Latency(100.milliseconds / 1000, 3.milliseconds)
    return Office(this, workers, options, work)
}
