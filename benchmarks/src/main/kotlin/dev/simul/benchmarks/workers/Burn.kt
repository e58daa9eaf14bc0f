// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.workers

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

        /** The work that takes a processor that many microseconds, if it has nothing else to do. */
        fun of(micros: Int): Burn = Burn(timesFor(micros))

        /** What [Burn] takes for that. */
        fun timesFor(micros: Int): Int {
            val probe = Burn(100)
            probe.rate(1)
            return (100 * probe.rate(1) * micros / 1e6).roundToInt()
        }
    }
}
