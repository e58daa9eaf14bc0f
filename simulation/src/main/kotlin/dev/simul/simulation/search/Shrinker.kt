// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Fnv

/**
 * Makes the choices of a failing run fewer and lower while the run still fails: what is left is what the failure needs.
 *
 * It zeroes and deletes blocks, from large to small ones, and lowers choices, one by one and in pairs, over and over until nothing helps or
 * [budget] ends. A sequence is simpler if it is shorter without its zeros at the end, or as long and smaller where it first differs. The
 * result depends on the replays alone, unless time ends it. The order of choices is never changed.
 *
 * Source: the idea is Hypothesis' (MacIver and Donaldson, "Test-case reduction via test-case generation", ECOOP 2020).
 *
 * @param replay runs the program with these choices; returns the choices that it made if it failed in the same way, and otherwise null.
 */
internal class Shrinker(
    private val budget: ShrinkBudget,
    private val replay: (LongArray) -> LongArray?,
) {
    private val tried = HashSet<Long>()
    private var best = LongArray(0)

    /** How many runs were made. */
    val runs: Int get() = budget.runs

    /** The simplest choices found, without zeros at the end; [choices] if they cannot be simplified. */
    fun shrink(choices: LongArray): LongArray {
        best = choices.withoutZerosAtEnd()
        attempt(LongArray(0))
        do {
            val before = best
            zero(0, best.size)
            deleteBlocks()
            lowerEach()
            if (best === before) lowerPairs()
            if (best === before) lowerAndDelete()
        } while (best !== before && !budget.isSpent)
        return best
    }

    /** Makes zero what it can of the choices [from] until [to]: all at once, or else of each half, the last one first. */
    private fun zero(
        from: Int,
        to: Int,
    ) {
        val end = minOf(to, best.size)
        if (budget.isSpent || (from until end).all { best[it] == 0L } || attempt(best.zeroed(from, end)) || end - from == 1) return
        val middle = (from + end) / 2
        zero(middle, end)
        zero(from, middle)
    }

    /** Deletes blocks, the last one first, of halving sizes; of long sequences not the small blocks, which would be too many. */
    private fun deleteBlocks() {
        var size = best.size.takeHighestOneBit()
        while (size > best.size / MAX_BLOCKS && !budget.isSpent) {
            var end = best.size
            while (end > 0) {
                val from = maxOf(0, end - size)
                attempt(best.without(from, end))
                end = minOf(from, best.size)
            }
            size /= 2
        }
    }

    private fun lowerEach() {
        var i = 0
        while (i < best.size && !budget.isSpent) {
            lower(i)
            i++
        }
    }

    /** By binary search: exact where lower choices fail as well as higher ones do. */
    private fun lower(index: Int) {
        if (valueAt(index) == 0L || attemptValue(index, 0)) return
        var tooLow = 0L
        while (valueAt(index) - tooLow > 1 && !budget.isSpent) {
            val middle = tooLow + (valueAt(index) - tooLow) / 2
            if (!attemptValue(index, middle)) tooLow = middle
        }
    }

    /** Two moments that have to meet are lowered by as much, so that one of them is zero. */
    private fun lowerPairs() {
        if (best.count { it != 0L } > SHORT) return
        for (one in best.indices) {
            for (other in one + 1 until best.size) {
                if (budget.isSpent) return
                val least = minOf(valueAt(one), valueAt(other))
                if (least > 0) attempt(best.with(one, valueAt(one) - least).with(other, valueAt(other) - least))
            }
        }
    }

    /** A choice of how many is followed by one choice or a few for each of them: fewer of both at once. */
    private fun lowerAndDelete() {
        if (best.size > SHORT) return
        for (index in 0 until best.size) {
            for (size in 1..PART) {
                for (from in index + 1..best.size - size) {
                    if (budget.isSpent) return
                    if (valueAt(index) == 0L || from + size > best.size) break
                    attempt(best.with(index, valueAt(index) - 1).without(from, from + size))
                }
            }
        }
    }

    private fun valueAt(index: Int): Long = if (index < best.size) best[index] else 0

    private fun attemptValue(
        index: Int,
        value: Long,
    ): Boolean = attempt(best.with(index, value))

    /** Whether [candidate] is simpler than [best] and fails too; it is then the best. */
    private fun attempt(candidate: LongArray): Boolean {
        val simple = candidate.withoutZerosAtEnd()
        if (!simple.isSimplerThan(best) || budget.isSpent || !tried.add(hashOf(simple))) return false
        budget.countRun()
        val made = replay(simple)?.withoutZerosAtEnd() ?: return false
        if (!made.isSimplerThan(best)) return false
        best = made
        return true
    }

    private companion object {
        const val MAX_BLOCKS = 128

        /** That many choices are worth the quadratic number of runs of [lowerPairs] and [lowerAndDelete]. */
        const val SHORT = 48

        /** How many choices one of several things takes at most there. */
        const val PART = 4
    }
}

/** Sequences are told apart by 64 bits; two that share them cost one attempt, and no more. */
private fun hashOf(choices: LongArray): Long = choices.fold(choices.size.toLong()) { hash, choice -> (hash xor choice) * Fnv.PRIME + 1 }

private fun LongArray.isSimplerThan(other: LongArray): Boolean {
    if (size != other.size) return size < other.size
    for (i in indices) if (this[i] != other[i]) return this[i] < other[i]
    return false
}

private fun LongArray.withoutZerosAtEnd(): LongArray = copyOf(indexOfLast { it != 0L } + 1)

private fun LongArray.without(
    from: Int,
    to: Int,
): LongArray = LongArray(size - (to - from)) { if (it < from) this[it] else this[it + to - from] }

private fun LongArray.zeroed(
    from: Int,
    to: Int,
): LongArray = copyOf().also { it.fill(0, from, to) }

private fun LongArray.with(
    index: Int,
    value: Long,
): LongArray = copyOf().also { it[index] = value }
