// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import java.util.BitSet

/** The search for an order of the calls of one key, of which the calls with results must all be in it, and the pending ones may. */
internal class LinearizationSearch<S, Op, R>(
    private val model: Model<S, Op, R>,
    private val key: Any?,
    calls: List<Call<Op, R>>,
    private val budget: Int,
) {
    private val ended = calls.filterNot { it.isPending }.sortedBy { it.begin }
    private val pending = calls.filter { it.isPending }.sortedBy { it.begin }
    private val ends = IntArray(ended.size) { ended[it].end!! }

    /**
     * For each pending call, the last one before it of an equal operation, or -1.
     *
     * Equal pending calls are interchangeable but for their beginnings, so that only the first of those left needs to be tried.
     */
    private val twins = IntArray(pending.size) { i -> (i - 1 downTo 0).firstOrNull { pending[it].operation == pending[i].operation } ?: -1 }

    /** Which of [ended] and which of [pending] are in the order that is being tried. */
    private val placed = BitSet()
    private val placedPending = BitSet()

    private val path = ArrayList<Placement<S>>()
    private val tried = HashSet<Configuration<S>>()
    private var deepest: Deepest<S>? = null

    fun run(): Verdict {
        path += placement(model.initial)
        while (placed.cardinality() < ended.size) {
            val last = path.last()
            if (last.hasNext()) {
                extend(last)
                if (tried.size > budget) return Verdict.Undecided(key, budget)
            } else {
                note(last)
                path.removeLast()
                takeBack(path.lastOrNull() ?: return violation())
            }
        }
        return Verdict.Linearizable
    }

    /** Tries the next candidate of [last] after it, unless its result does not fit or leads where the search has been. */
    private fun extend(last: Placement<S>) {
        val candidate = last.next()
        val call = call(candidate)
        val step = model.step(last.state, call.operation)
        if (call.isPending) {
            // Without an effect it explains nothing.
            if (step.state == last.state) return
        } else if (step.result != call.result) {
            return
        }
        place(candidate, true)
        if (tried.add(configuration(step.state))) path += placement(step.state) else place(candidate, false)
    }

    private fun takeBack(last: Placement<S>) = place(last.chosen, false)

    private fun place(
        candidate: Int,
        isPlaced: Boolean,
    ) = if (candidate < ended.size) placed.set(candidate, isPlaced) else placedPending.set(candidate - ended.size, isPlaced)

    private fun call(candidate: Int): Call<Op, R> = if (candidate < ended.size) ended[candidate] else pending[candidate - ended.size]

    /** The position after what is placed now: its candidates are the calls that began before any other one has ended. */
    private fun placement(state: S): Placement<S> {
        val candidates = ArrayList<Int>()
        var first = -1
        var i = placed.nextClearBit(0)
        while (i < ended.size && (first < 0 || ended[i].begin < ends[first])) {
            candidates += i
            if (first < 0 || ends[i] < ends[first]) first = i
            i = placed.nextClearBit(i + 1)
        }
        if (first >= 0) addPending(candidates, ends[first])
        return Placement(state, candidates.toIntArray(), first)
    }

    private fun addPending(
        candidates: MutableList<Int>,
        end: Int,
    ) {
        for (j in pending.indices) {
            if (pending[j].begin > end) break
            if (!placedPending[j] && (twins[j] < 0 || placedPending[twins[j]])) candidates += ended.size + j
        }
    }

    /** Most of the time all calls up to a time are placed, which is one number; only the rest takes bits. */
    private fun configuration(state: S): Configuration<S> {
        val prefix = placed.nextClearBit(0)
        return Configuration(state, prefix, placed[prefix, maxOf(prefix, placed.length())], placedPending.clone() as BitSet)
    }

    /** Nothing fits after [last]: is this the furthest in time, or as far by a longer order? */
    private fun note(last: Placement<S>) {
        val end = ends[last.first]
        val best = deepest
        if (best != null && (end < best.end || (end == best.end && path.size <= best.order.size + 1))) return
        deepest = Deepest(path.dropLast(1).map { it.chosen }, last.state, last.first, end)
    }

    private fun violation(): Verdict {
        val best = deepest!!
        val order = best.order.map(::call)
        val misfit = ended[best.misfit]
        val running = (ended + pending).filter { it !== misfit && it !in order && it.begin < best.end }
        val explanation = Explanation(model, key, order, best.state, misfit, running)
        return Verdict.NotLinearizable(key, order, misfit, explanation.toString())
    }
}

/** A state, with the calls that may come next; [first] is the one of them that ends first, or -1. */
private class Placement<S>(
    val state: S,
    private val candidates: IntArray,
    val first: Int,
) {
    private var position = 0

    /** The candidate that was tried last. */
    val chosen: Int get() = candidates[position - 1]

    fun hasNext(): Boolean = position < candidates.size

    fun next(): Int = candidates[position++]
}

/** Where the search has been: the calls that are in the order, whichever way round, and the state that they left. */
private data class Configuration<S>(
    val state: S,
    val prefix: Int,
    val rest: BitSet,
    val pending: BitSet,
)

/** The order after which nothing fits: [misfit] should have, since it has ended at [end]. */
private class Deepest<S>(
    val order: List<Int>,
    val state: S,
    val misfit: Int,
    val end: Int,
)
