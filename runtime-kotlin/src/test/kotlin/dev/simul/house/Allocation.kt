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
        return bytesOf { round(it) {} } to bytesOf { round(it) { field = ByteArray(planted) } }
    }

    /**
     * Tests what [measuring] returns, which calls [measure], perhaps in a JVM of its own. Whether the compiler removes an object depends on
     * what it has happened to inline, and that differs from JVM to JVM: if there is too much, it measures again, up to [TIMES] in all.
     */
    fun check(measuring: () -> Pair<Double, Double>) =
        withClue("bytes of $what") {
            var measured = measuring()
            repeat(TIMES - 1) { if (measured.first > limit) measured = measuring() }
            val (plain, planted) = measured
            plain shouldBeLessThanOrEqual limit
            withClue("and of a planted allocation") { planted shouldBeGreaterThan limit }
        }

    /**
     * What an operation allocates in this thread when it has been compiled: the difference between twice as many operations and as many, so
     * that what comes before and after them does not count; the median of the last rounds, since the compiler may replace the code in one.
     * Ends when that is no more than [limit], or after [ROUNDS].
     */
    private fun bytesOf(round: (Int) -> Unit): Double {
        val rounds = ArrayList<Double>()
        while (true) {
            val once = allocated { round(operations) }
            val twice = allocated { round(2 * operations) }
            rounds += (twice - once).toDouble() / operations
            if (rounds.size < WARM_UP + LAST) continue
            val median = rounds.takeLast(LAST).sorted()[LAST / 2]
            if (median <= limit || rounds.size == ROUNDS) return median
        }
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

/** How often an operation is measured, at most. */
private const val TIMES = 10

private const val ROUNDS = 40

private const val WARM_UP = 8

/** So many rounds are in the median. */
private const val LAST = 7

/** What a loop takes now and then, and no operation. */
private const val ROUNDING = 1.0
