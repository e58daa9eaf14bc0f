// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.loop.addCloseCallback
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.process.Process
import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.timeout
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to shutting down; ShutdownSamplesTest runs them, DocsTest compares.

fun leftBehind() {
    runLoop {
        createTask {
            try {
                sleep(1.hours)
            } finally {
                println("the task is cancelled, and may clean up")
            }
        }
        val numbers =
            asyncGenerator<Int> {
                try {
                    yield(1)
                    yield(2)
                } finally {
                    println("the generator is closed")
                }
            }
        numbers.anext()
        getRunningLoop().addCloseCallback { println("the loop is closed") }
        sleep(10.milliseconds)
        println("main is done")
    }
    println("run is done")
}

suspend fun untilTold(work: suspend () -> Unit) {
    val main = currentTask()!!
    getRunningLoop().addSignalHandler("TERM") { main.cancel("SIGTERM") }
    try {
        work()
    } catch (e: CancelledException) {
        throw SystemExit(143)
    }
}

suspend fun finish(
    jobs: Queue<*>,
    limit: Duration,
) {
    jobs.shutdown() // No new jobs are accepted.
    try {
        timeout(limit) { jobs.join() }
    } catch (e: TimeoutException) {
        println("dropping ${jobs.qsize()} jobs")
        jobs.shutdown(immediate = true)
    }
}

suspend fun drained() {
    val jobs = Queue<Int>()
    repeat(5) { jobs.putNowait(it) }
    taskGroup { group ->
        group.createTask {
            try {
                while (true) {
                    val job = jobs.get()
                    sleep(1.seconds)
                    println("job $job is done")
                    jobs.taskDone()
                }
            } catch (_: QueueShutDown) {
                println("the worker goes home")
            }
        }
        finish(jobs, 2500.milliseconds)
    }
}

suspend fun stop(
    child: Process,
    grace: Duration,
): Int {
    if (child.returncode == null) child.terminate()
    return try {
        timeout(grace) { child.wait() }
    } catch (e: TimeoutException) {
        child.killTree()
        child.wait()
    }
}
