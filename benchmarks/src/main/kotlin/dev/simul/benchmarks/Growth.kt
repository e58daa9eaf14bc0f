// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.benchmarks.report.Figure
import dev.simul.createTask
import dev.simul.sleep
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import kotlin.time.Duration.Companion.ZERO
import dev.simul.run as runLoop

private const val LEAST_NANOS = 1_000_000_000L

/** What is done before anything is measured: enough for the compilers. */
private const val WARM_UP = 20_000
private const val WARM_UPS = 100

/** `Growth simul|kotlinx|virtual SIZE...`: prints the nanoseconds a task when so many are created, yield once and are awaited. */
internal fun main(args: Array<String>) {
    val work: (Int) -> Unit =
        when (val program = args[0]) {
            "simul" -> ::simulTasks
            "kotlinx" -> ::coroutines
            "virtual" -> ::virtualThreads
            else -> error("'$program' is no program: simul, kotlinx or virtual")
        }
    repeat(WARM_UPS) { work(WARM_UP) }
    for (size in args.drop(1)) println(Figure(size, args[0], bestNanos { work(size.toInt()) } / size.toDouble()).toJson())
}

/** Of as many runs as a second holds. */
private fun bestNanos(work: () -> Unit): Long {
    var best = Long.MAX_VALUE
    val until = System.nanoTime() + LEAST_NANOS
    do {
        val began = System.nanoTime()
        work()
        best = minOf(best, System.nanoTime() - began)
    } while (System.nanoTime() < until)
    return best
}

private fun simulTasks(count: Int) =
    runLoop {
        val tasks = List(count) { createTask { sleep(ZERO) } }
        for (task in tasks) task.await()
    }

private fun coroutines(count: Int) =
    runBlocking {
        val jobs = List(count) { launch { yield() } }
        for (job in jobs) job.join()
    }

private fun virtualThreads(count: Int) =
    VirtualThreads.run {
        val threads = List(count) { VirtualThreads.start { Thread.yield() } }
        for (thread in threads) thread.join()
    }
