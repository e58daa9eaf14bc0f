// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.AsyncCloseable
import dev.simul.Task
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.gatherResults
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import dev.simul.repeating.every
import dev.simul.shield
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.testing.checkCancelSafe
import dev.simul.timeout
import dev.simul.wait
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to cancellation; CancellationSamplesTest runs them, DocsTest compares.

suspend fun onlyOnce() {
    val task =
        createTask {
            try {
                sleep(1.hours)
            } catch (e: CancelledException) {
                println("asked to stop: ${e.message}")
                sleep(1.seconds) // Works: the request has been delivered.
                println("tidied up")
                throw e
            }
        }
    sleep(1.seconds)
    println("requested: ${task.cancel("closing time")}, done: ${task.done()}")
    try {
        task.await()
    } catch (e: CancelledException) {
        println("cancelled: ${task.cancelled()}")
    }
}

class Connection(
    private val name: String,
) : AsyncCloseable {
    override suspend fun aclose() {
        sleep(1.seconds)
        println("$name is closed")
    }
}

suspend fun closing() {
    val task =
        createTask {
            aclosing(Connection("database")) {
                aclosing(Connection("mail server")) {
                    sleep(1.hours)
                }
            }
        }
    sleep(1.seconds)
    task.cancel()
    gatherResults(task).await() // Waits until it has ended, and throws nothing.
}

/** Runs [block] to its end, even if the calling task is cancelled meanwhile; then throws the cancellation. */
suspend fun <T> uninterrupted(block: suspend () -> T): T {
    val work = createTask { block() }
    var cancellation: CancellationException? = null
    while (!work.done()) {
        try {
            wait(listOf(work)) // Cancelling this wait does not cancel what it waits for.
        } catch (e: CancellationException) {
            cancellation = e
        }
    }
    cancellation?.let { throw it }
    return work.result()
}

suspend fun cancelledTwice() {
    val task =
        createTask {
            try {
                sleep(1.hours)
            } finally {
                uninterrupted {
                    sleep(1.seconds)
                    println("saved")
                }
            }
        }
    repeat(2) {
        sleep(10.milliseconds)
        task.cancel()
    }
    gatherResults(task).await()
}

suspend fun caughtByAccident() {
    val task =
        createTask {
            repeat(3) { round ->
                try {
                    sleep(1.seconds)
                    println("round $round")
                } catch (e: Exception) {
                    println("failed: ${e.message}")
                }
            }
            "three rounds"
        }
    sleep(500.milliseconds)
    task.cancel("stop")
    println(task.await())
}

suspend fun outliveFailures(work: suspend () -> Unit) {
    while (true) {
        try {
            work()
        } catch (e: CancellationException) {
            throw e
        } catch (e: Exception) {
            println("failed: ${e.message}")
        }
    }
}

suspend fun refuse() {
    val task =
        createTask {
            try {
                timeout(1.hours) {
                    try {
                        sleep(2.hours)
                    } catch (e: CancelledException) {
                        currentTask()!!.uncancel()
                        println("not now")
                    }
                    sleep(2.hours)
                }
            } catch (e: TimeoutException) {
                println("the hour is over")
            }
        }
    sleep(1.seconds)
    task.cancel()
    task.await()
}

suspend fun shared() {
    val download =
        createTask {
            sleep(2.seconds)
            "the page"
        }
    val impatient = createTask { shield(download).await() }
    val patient = createTask { shield(download).await() }
    sleep(1.seconds)
    impatient.cancel()
    println(patient.await())
}

suspend fun untilSilence(messages: Queue<String>) {
    val loop = getRunningLoop()
    try {
        timeout(10.seconds) { limit ->
            while (true) {
                println(messages.get())
                limit.reschedule(loop.time() + 10.seconds)
            }
        }
    } catch (e: TimeoutException) {
        println("silence")
    }
}

suspend fun talk() {
    val messages = Queue<String>()
    val listener = createTask { untilSilence(messages) }
    for (message in listOf("hello", "are you there?")) {
        sleep(8.seconds)
        messages.put(message)
    }
    listener.await()
}

suspend fun heartbeats() {
    taskGroup { group ->
        val heartbeat = group.createTask { every(1.seconds) { println("beat") } }
        sleep(2500.milliseconds)
        println("the work is done")
        heartbeat.cancel()
    }
}

suspend fun resultOf(other: Task<String>): String =
    try {
        other.await()
    } catch (e: CancelledException) {
        if (currentTask()!!.cancelling() > 0) throw e
        "the other task was cancelled"
    }

suspend fun update(lock: Lock) {
    lock.acquire()
    sleep(1.seconds)
    lock.release() // Better: lock.use { sleep(1.seconds) }
}

fun unsafe() {
    try {
        checkCancelSafe(setUp = { Lock() }) { lock -> update(lock) }
    } catch (e: AssertionError) {
        println(e.message!!.lines().first())
    }
}
