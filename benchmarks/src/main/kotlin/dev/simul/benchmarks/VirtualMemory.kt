// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.benchmarks.report.Figure
import java.util.concurrent.CompletableFuture

private const val VIRTUAL = 100_000

/** Prints the bytes of heap that a virtual thread takes which waits for a future, and one that sleeps. */
internal fun main() {
    val never = CompletableFuture<Unit>()
    println(Figure("parkedTask", "virtual", bytesOf { endsByInterrupt { never.get() } }).toJson())
    println(Figure("sleepingTask", "virtual", bytesOf { endsByInterrupt { Thread.sleep(3_600_000) } }).toJson())
}

private fun bytesOf(work: Runnable): Double {
    val before = usedBytes()
    val threads = List(VIRTUAL) { VirtualThreads.start(work) }
    while (threads.any { it.state != Thread.State.WAITING && it.state != Thread.State.TIMED_WAITING }) Thread.sleep(10)
    val bytes = (usedBytes() - before).toDouble() / VIRTUAL
    for (thread in threads) thread.interrupt()
    for (thread in threads) thread.join()
    return bytes
}

private inline fun endsByInterrupt(work: () -> Unit) {
    try {
        work()
    } catch (_: InterruptedException) {
        // That is its end.
    }
}
