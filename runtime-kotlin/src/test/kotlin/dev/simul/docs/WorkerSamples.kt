// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.streams.startServer
import dev.simul.workers.Supervisor
import dev.simul.workers.WorkerOptions
import dev.simul.workers.currentWorker
import dev.simul.workers.serve
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to more than one core about workers; WorkerSamplesTest runs them, DocsTest compares.

fun greetOnAllCores(port: Int) {
    serve(workers = 4) { greetClients(port) }
}

suspend fun greetClients(port: Int) {
    val server =
        startServer("127.0.0.1", port) { reader, writer ->
            val name = reader.readline().decodeToString().trim()
            writer.write("Hello $name, from ${currentWorker()?.name}\n".toByteArray())
            writer.aclose()
        }
    server.serveForever()
}

suspend fun greetAndReload(port: Int) {
    val supervisor = Supervisor(workers = 2, WorkerOptions(grace = 10.seconds)) { greetClients(port) }
    aclosing(supervisor) {
        supervisor.start()
        getRunningLoop().addSignalHandler("HUP") { createTask { supervisor.replaceAll() } }
        supervisor.serveForever()
    }
}

fun describeWorkers(supervisor: Supervisor): List<String> =
    supervisor.workers.map { worker ->
        "${worker.name} ${worker.generation} ${worker.state}: ${worker.connections} connections, ${worker.metrics.tasks} tasks"
    }
