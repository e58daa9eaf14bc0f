// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.workers.Supervisor
import dev.simul.workers.currentWorker
import java.net.InetSocketAddress
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.milliseconds

/** The main of each worker: tells clients who serves them, until one is rude. */
private suspend fun greet(port: CompletableFuture<Int>) {
    val worker = currentWorker()!!
    val insulted = Event()
    val server =
        startServer("127.0.0.1", 0) { reader, writer ->
            val name = reader.readline().decodeToString().trim()
            writer.write("${worker.name}, generation ${worker.generation}".toByteArray())
            writer.aclose()
            if (name == "Mallory") insulted.set()
        }
    port.complete((server.addresses.single() as InetSocketAddress).port)
    aclosing(server) {
        insulted.wait()
        throw IllegalStateException("Mallory was rude")
    }
}

private suspend fun ask(
    name: String,
    port: Int,
): String {
    val (reader, writer) = openConnection("127.0.0.1", port)
    return aclosing(writer) {
        writer.write("$name\n".toByteArray())
        reader.read().decodeToString()
    }
}

/** Has many clients at once, and tells which workers have served them. */
private suspend fun visit(port: Int) {
    val answers = gather(List(20) { createTask { ask("Ada", port) } }).await()
    for (worker in answers.toSortedSet()) println("Served by $worker")
}

internal fun workers() =
    runLoop {
        val port = CompletableFuture<Int>()
        getRunningLoop().exceptionHandler = ExceptionHandler { _, report -> println("A worker has failed: ${report.exception?.message}") }
        aclosing(Supervisor(workers = 2) { greet(port) }) { supervisor ->
            supervisor.start()
            supervisor.waitServing()
            visit(port.get())
            val rude = ask("Mallory", port.get())
            while (supervisor.workers.none { it.generation == 2 }) sleep(1.milliseconds)
            supervisor.waitServing()
            val replaced = supervisor.workers.filter { it.generation == 2 }.map { it.name }
            println("It has been replaced: ${rude.substringBefore(',') in replaced}")
            val replacing = createTask { supervisor.replaceAll() }
            val answers = ArrayList<String>()
            while (!replacing.done()) answers += ask("Ada", port.get())
            println("Clients that were turned away while all workers were replaced: ${answers.count { it.isEmpty() }}")
        }
    }
