// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.say
import dev.simul.sleep
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.timeout
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

/** Orders that workers wait for. */
private class Orders(
    private val signal: Signal,
) {
    private val waiting = ArrayDeque<StreamWriter>()

    suspend fun put(customer: StreamWriter) {
        signal.acquire()
        try {
            waiting += customer
            signal.notifyOne()
        } finally {
            signal.release()
        }
    }

    suspend fun take(): StreamWriter {
        signal.acquire()
        try {
            while (waiting.isEmpty()) signal.wait()
            return waiting.removeFirst()
        } finally {
            signal.release()
        }
    }
}

/** A workshop has two workers, and dismisses one of them as it waits for an order: the other one has to do what is ordered. */
internal suspend fun Simulation.dismissedWorker(signal: Signal) {
    val orders = Orders(signal)
    host("workshop") {
        val workers = List(2) { createTask("worker ${it + 1}") { while (true) orders.take().say("done\n") } }
        createTask("manager") {
            sleep(getRunningLoop().random.nextInt(50).milliseconds)
            log("dismisses a worker")
            workers.first().cancel()
        }
        startServer("workshop", 80) { reader, writer ->
            while (reader.readline().isNotEmpty()) orders.put(writer)
            writer.close()
        }.serveForever()
    }
    val customer =
        host("customer") {
            connected("workshop") { reader, writer ->
                repeat(5) {
                    sleep(getRunningLoop().random.nextInt(10).milliseconds)
                    writer.say("a chair, please\n")
                    check(isInTime { reader.line() shouldBe "done" }) { "nobody has done the order in a minute" }
                }
            }
        }
    customer.join()
}

/** Whether [block] ends within a minute. */
internal suspend fun isInTime(block: suspend () -> Unit): Boolean =
    try {
        timeout(1.minutes) { block() }
        true
    } catch (_: TimeoutException) {
        false
    }
