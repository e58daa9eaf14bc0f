// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

/** Whether [calls] are linearizable, by trying every permutation of every choice of the pending ones: the definition itself. */
fun <S, Op, R> isLinearizableByBruteForce(
    model: Model<S, Op, R>,
    calls: List<Call<Op, R>>,
): Boolean {
    val (pending, ended) = calls.partition { it.isPending }
    return subsets(pending).any { some -> permutations(ended + some).any { isLegal(model, it) } }
}

/** Whether [order] keeps each call within its period, and has the results that the model gives. */
fun <S, Op, R> isLegal(
    model: Model<S, Op, R>,
    order: List<Call<Op, R>>,
): Boolean {
    for ((i, earlier) in order.withIndex()) {
        if (order.drop(i + 1).any { later -> later.end.let { it != null && it < earlier.begin } }) return false
    }
    var state = model.initial
    for (call in order) {
        val step = model.step(state, call.operation)
        if (!call.isPending && call.result != step.result) return false
        state = step.state
    }
    return true
}

private fun <T> subsets(of: List<T>): Sequence<List<T>> =
    (0 until (1 shl of.size)).asSequence().map { bits -> of.filterIndexed { i, _ -> bits shr i and 1 == 1 } }

private fun <T> permutations(of: List<T>): Sequence<List<T>> =
    if (of.isEmpty()) {
        sequenceOf(emptyList())
    } else {
        of.indices.asSequence().flatMap { i -> permutations(of.take(i) + of.drop(i + 1)).map { listOf(of[i]) + it } }
    }
