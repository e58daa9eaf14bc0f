// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.workers

import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.taskGroup
import kotlin.time.Duration.Companion.milliseconds

suspend fun work(
    name: String,
    jobs: Queue<String>,
) {
    try {
        while (true) {
            val job = jobs.get()
            sleep(100.milliseconds)
            println("$name: $job")
        }
    } catch (_: QueueShutDown) {
        // Nothing is left to do.
    }
}

fun main() {
    runLoop {
        val jobs = Queue<String>(maxsize = 2)
        taskGroup { group ->
            group.createTask { work("first worker", jobs) }
            group.createTask { work("second worker", jobs) }
            for (job in listOf("wash", "cut", "cook", "serve")) jobs.put(job)
            jobs.shutdown()
        }
        println("all is done")
    }
}
