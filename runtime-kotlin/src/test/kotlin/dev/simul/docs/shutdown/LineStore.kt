// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.shutdown

import dev.simul.Task
import dev.simul.aclosing
import dev.simul.currentTask
import dev.simul.gatherResults
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.taskGroup
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Stores the lines that its clients send. */
class LineStore {
    private val lines = Queue<String>(maxsize = 1000)
    private val clients = mutableSetOf<Task<*>>()
    private var stored = 0

    suspend fun serve() {
        val told = Event()
        for (signal in listOf("INT", "TERM")) getRunningLoop().addSignalHandler(signal) { told.set() }
        taskGroup { group ->
            group.createTask(name = "store") { store() }
            val server = startServer("127.0.0.1", 0) { reader, writer -> receive(reader, writer) }
            println("listening at ${server.addresses.single()}")
            told.wait()
            println("stopping")
            server.shutdown(grace = 1.seconds) // No new clients; those that are there may finish for a second.
            gatherResults(clients.toList()).await() // Their tasks have put all that was received.
            lines.shutdown() // The task that stores ends when the queue is empty.
        }
        println("stored $stored lines")
    }

    private suspend fun receive(
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val client = currentTask()!!
        clients += client
        try {
            aclosing(writer) {
                for (line in reader) {
                    lines.put(line.decodeToString().trim())
                    writer.write("ok\n".encodeToByteArray())
                    writer.drain()
                }
            }
        } finally {
            clients -= client
        }
    }

    private suspend fun store() {
        try {
            while (true) {
                lines.get()
                sleep(10.milliseconds) // Stands for a slow disk.
                stored++
            }
        } catch (_: QueueShutDown) {
            // All lines are stored.
        }
    }
}

fun main() {
    runLoop { LineStore().serve() }
}
