// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.onSockets
import dev.simul.repeating.Backoff
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import java.net.InetSocketAddress
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Failures are replaced soon, and nothing waits for long. */
internal val QUICK =
    WorkerOptions(
        backoff = Backoff.constant(10.milliseconds),
        pingInterval = 20.milliseconds,
        unresponsiveAfter = 200.milliseconds,
        hangTimeout = 60.seconds,
        grace = 10.seconds,
        forcedGrace = 10.seconds,
    )

/** Runs [body] with a supervisor that was started, and is shut down at the end. */
internal fun supervising(
    workers: Int,
    options: WorkerOptions = QUICK,
    main: suspend () -> Unit,
    body: suspend (Supervisor) -> Unit,
) = onSockets {
    val supervisor = Supervisor(workers, options, main)
    supervisor.start()
    try {
        body(supervisor)
    } finally {
        supervisor.shutdown()
    }
}

/** Where the servers of a test's workers are. */
internal class Meeting {
    private val address = AtomicReference<InetSocketAddress>()

    /** What a test tells its workers. */
    @Volatile
    var isLeft: Boolean = false

    val port: Int get() = address.get().port

    /** Serves forever, at a port that all workers share. */
    suspend fun serve(handle: suspend (StreamReader, StreamWriter) -> Unit) = open(handle).serveForever()

    suspend fun open(handle: suspend (StreamReader, StreamWriter) -> Unit): Server {
        val server = startServer("127.0.0.1", 0, options = ServerOptions(startServing = false), clientConnected = handle)
        address.set(server.addresses.single() as InetSocketAddress)
        server.startServing()
        return server
    }

    suspend fun connect(): Client {
        val (reader, writer) = openConnection("127.0.0.1", port)
        return Client(reader, writer)
    }

    /** What the worker says to a client that asks [question], and then leaves. */
    suspend fun ask(question: String = ""): String {
        val client = connect()
        try {
            return client.ask(question)
        } finally {
            client.writer.aclose()
        }
    }
}

internal class Client(
    private val reader: StreamReader,
    val writer: StreamWriter,
) {
    suspend fun ask(question: String): String {
        writer.write("$question\n".toByteArray())
        return reader.readline().decodeToString().trim()
    }
}

/** Answers each line with the worker's id and generation, and the line. */
internal suspend fun echo(
    reader: StreamReader,
    writer: StreamWriter,
) {
    while (true) {
        val line = reader.readline().decodeToString()
        if (line.isEmpty()) break
        val worker = currentWorker()!!
        writer.write("${worker.id}.${worker.generation} $line".toByteArray())
        writer.drain()
    }
    writer.aclose()
}

/** Waits for what other threads do. */
internal suspend fun until(condition: () -> Boolean) {
    val end = getRunningLoop().time() + 30.seconds
    while (!condition()) {
        check(getRunningLoop().time() < end) { "it has not come to that in half a minute" }
        sleep(1.milliseconds)
    }
}
