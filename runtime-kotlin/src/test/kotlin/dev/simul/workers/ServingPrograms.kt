// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import dev.simul.sleep
import dev.simul.streams.startServer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

/** The programs that `ServeTest` interrupts. */
fun main(arguments: Array<String>) = programs.getValue(arguments.single())()

private const val WORKERS = 2

/** Says that it is ready when all workers are, and what the end of each is. */
private suspend fun work(ready: AtomicInteger) {
    val server = startServer("127.0.0.1", 0) { _, writer -> writer.aclose() }
    try {
        if (ready.incrementAndGet() == WORKERS) println("ready")
        server.serveForever()
    } finally {
        sleep(1.milliseconds)
        println("clean")
    }
}

private val programs =
    mapOf(
        "serves" to {
            val ready = AtomicInteger()
            serve(WORKERS) { work(ready) }
        },
        "says what ends it" to {
            val ready = AtomicInteger()
            try {
                serve(WORKERS) { work(ready) }
            } catch (e: SystemExit) {
                println("SystemExit ${e.code}")
            } catch (_: KeyboardInterrupt) {
                println("KeyboardInterrupt")
            }
        },
        "does not end" to {
            serve(1) {
                try {
                    println("ready")
                    sleep(1.hours)
                } finally {
                    println("cleaning")
                    sleep(1.hours)
                }
            }
        },
        "hangs" to {
            serve(1, WorkerOptions(grace = 1.milliseconds, forcedGrace = 50.milliseconds)) {
                println("ready")
                CountDownLatch(1).await()
            }
        },
        "exits" to {
            serve(WORKERS) {
                if (currentWorker()!!.id == 2) throw SystemExit(3)
                sleep(1.hours)
            }
        },
        "returns" to {
            serve(WORKERS) { sleep(1.milliseconds) }
            println("returned")
        },
    )
