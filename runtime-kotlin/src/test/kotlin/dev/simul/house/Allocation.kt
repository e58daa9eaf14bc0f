// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.sun.management.ThreadMXBean
import io.kotest.assertions.withClue
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import java.lang.management.ManagementFactory

/**
 * The guard of how much one operation allocates: no more than [bytes] and a tenth.
 *
 * @param round performs as many operations as it is told, in the thread that calls it, and calls `each` for each of them.
 */
class Allocation(
    private val bytes: Int,
    val what: String,
    private val operations: Int,
    private val round: (operations: Int, each: () -> Unit) -> Unit,
) {
    private val limit get() = bytes * 1.1 + ROUNDING

    /** The bytes of an operation, and of one for which a fifth more is allocated: a tenth would do, but newer JDKs need less to begin with. */
    fun measure(): Pair<Double, Double> {
        val planted = bytes / 5 + 16
        return leastBytes { round(it) {} } to leastBytes { round(it) { field = ByteArray(planted) } }
    }

    /** Tests what [measure] has returned. */
    fun check(measured: Pair<Double, Double>) =
        withClue("bytes of $what") {
            measured.first shouldBeLessThanOrEqual limit
            withClue("and of a planted allocation") { measured.second shouldBeGreaterThan limit }
        }

    /**
     * What an operation allocates in this thread when it has been compiled: what the least of some rounds of twice as many operations
     * allocates more than the least of some rounds of one of them. Ends when that is no more than [limit], or after many rounds.
     */
    private fun leastBytes(round: (Int) -> Unit): Double {
        var once = Long.MAX_VALUE
        var twice = Long.MAX_VALUE
        repeat(ROUNDS) {
            once = minOf(once, allocated { round(operations) })
            twice = minOf(twice, allocated { round(2 * operations) })
            if (it > WARM_UP && twice - once <= limit * operations) return (twice - once).toDouble() / operations
        }
        return (twice - once).toDouble() / operations
    }
}

private fun allocated(block: () -> Unit): Long {
    val before = threads.getThreadAllocatedBytes(Thread.currentThread().id)
    block()
    return threads.getThreadAllocatedBytes(Thread.currentThread().id) - before
}

private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

/** What is planted goes here, so that no compiler can remove it. */
@Volatile
private var field: ByteArray? = null

private const val ROUNDS = 40
private const val WARM_UP = 10

/** What a loop takes now and then, and no operation. */
private const val ROUNDING = 1.0
