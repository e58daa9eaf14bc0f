// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import java.time.Duration

/** How many questions were answered, how long they took, and what they cost, from [begin] to the end. It belongs to one loop. */
internal class Measurement {
    private val took = IntArray(MOST_MICROS + 1)
    private var count = 0L
    private var begunAt = NOT_YET
    private var cpuBefore = 0L

    fun begin() {
        cpuBefore = cpuNanos()
        begunAt = System.nanoTime()
    }

    /** A question that was asked at [askedAt] is answered. */
    fun add(askedAt: Long) {
        if (begunAt == NOT_YET) return
        count++
        took[minOf((System.nanoTime() - askedAt) / 1_000, MOST_MICROS.toLong()).toInt()]++
    }

    /**
     * The answers a second, the p50 and p99 of their times in microseconds, and the nanoseconds of processor time that this process took for
     * each.
     */
    fun summary(): String {
        val rate = count * 1e9 / (System.nanoTime() - begunAt)
        return "%.0f %d %d %d".format(rate, percentile(0.5), percentile(0.99), (cpuNanos() - cpuBefore) / maxOf(count, 1))
    }

    private fun cpuNanos() = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos()

    private fun percentile(part: Double): Int {
        var seen = 0L
        return took.indices.first { micros ->
            seen += took[micros]
            seen >= count * part
        }
    }

    private companion object {
        const val NOT_YET = Long.MIN_VALUE
        const val MOST_MICROS = 1_000_000
    }
}
