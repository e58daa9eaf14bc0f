// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import com.sun.management.ThreadMXBean
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import java.lang.management.ManagementFactory

/**
 * Tests that one operation of a [round] allocates no more than [bytes] and a tenth, and that the test would notice it if it did.
 *
 * A round performs as many operations as it is told, in the thread that calls it, and calls `each` for each of them.
 */
fun FunSpec.allocates(
    bytes: Int,
    what: String,
    operations: Int = 10_000,
    round: (operations: Int, each: () -> Unit) -> Unit,
) {
    val limit = bytes * 1.1 + ROUNDING
    test("$what allocates at most $bytes bytes, and a tenth") {
        withClue("bytes of $what") { leastBytes(limit, operations) { round(it) {} } shouldBeLessThanOrEqual limit }
    }
    test("a planted allocation for $what is noticed") {
        val planted = bytes / 5 + 16 // a tenth would do, but newer JDKs need less in the first place
        shouldThrow<AssertionError> {
            leastBytes(limit, operations) { round(it) { field = ByteArray(planted) } } shouldBeLessThanOrEqual limit
        }
    }
}

/**
 * The bytes that an operation of [round] allocates in this thread when it has been compiled: what the least of some rounds of twice as many
 * [operations] allocates more than the least of some rounds of one of them. Ends when that is no more than [limit], or after many rounds.
 */
private fun leastBytes(
    limit: Double,
    operations: Int,
    round: (Int) -> Unit,
): Double {
    var once = Long.MAX_VALUE
    var twice = Long.MAX_VALUE
    repeat(ROUNDS) {
        once = minOf(once, allocated { round(operations) })
        twice = minOf(twice, allocated { round(2 * operations) })
        if (it > WARM_UP && twice - once <= limit * operations) return (twice - once).toDouble() / operations
    }
    return (twice - once).toDouble() / operations
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
