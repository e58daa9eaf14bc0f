// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.workers

import java.lang.management.ManagementFactory
import java.util.concurrent.CountDownLatch
import java.util.zip.CRC32
import kotlin.concurrent.thread
import kotlin.math.roundToInt

/** Work for the processor alone, always the same amount: a checksum of 4 KiB, [times] over. */
internal class Burn(
    private val times: Int,
) {
    private val bytes = ByteArray(4096) { it.toByte() }

    /** Does the work, and returns what must not be optimized away. */
    fun burn(): Long {
        val sum = CRC32()
        repeat(times) { sum.update(bytes) }
        return sum.value
    }

    /** How often a second [threads] threads do it, all together. */
    fun rate(threads: Int): Double {
        val counts = LongArray(threads)
        val start = CountDownLatch(1)
        val workers =
            List(threads) {
                val mine = Burn(times)
                thread {
                    start.await()
                    val end = System.nanoTime() + MEASURED_NANOS
                    var count = 0L
                    while (System.nanoTime() < end) if (mine.burn() >= 0) count++
                    counts[it] = count
                }
            }
        start.countDown()
        workers.forEach { it.join() }
        return counts.sum() * 1e9 / MEASURED_NANOS
    }

    companion object {
        private const val MEASURED_NANOS = 1_000_000_000L

        /** How many rounds take that many microseconds of a processor's time, whatever else the machine does. */
        fun timesFor(micros: Int): Int {
            val probe = Burn(ROUNDS_OF_PROBE)
            probe.rate(1) // compiles it
            val before = threads.currentThreadCpuTime
            val rounds = ROUNDS_OF_PROBE * PROBES.toDouble()
            repeat(PROBES) { check(probe.burn() >= 0) }
            return (micros * 1_000 * rounds / (threads.currentThreadCpuTime - before)).roundToInt()
        }

        private val threads = ManagementFactory.getThreadMXBean()
        private const val ROUNDS_OF_PROBE = 100
        private const val PROBES = 10_000
    }
}
