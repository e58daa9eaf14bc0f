// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

/** Why no order of calls explains their results, in plain words. */
internal class Explanation<S, Op, R>(
    private val model: Model<S, Op, R>,
    private val key: Any?,
    private val order: List<Call<Op, R>>,
    private val state: S,
    private val misfit: Call<Op, R>,
    private val running: List<Call<Op, R>>,
) {
    override fun toString(): String =
        buildString {
            appendLine("The history is not linearizable: no order of the calls${ofKey(key)} explains the result of")
            appendLine("  $misfit")
            appendOrder()
            append("In the ${if (order.isEmpty()) "initial state" else "state that this leaves,"} ${state.quoted()}, ")
            appendLine("it would have returned ${resultOf(misfit).quoted()}.")
            if (running.isNotEmpty()) appendRunning()
        }.trimEnd()

    private fun StringBuilder.appendOrder() {
        if (order.isEmpty()) return
        appendLine("The longest order that explains all that ended before it:")
        val left = order.size - LINES
        if (left > 0) appendLine("  … $left calls, then")
        order.takeLast(LINES).forEach { appendLine("  $it") }
    }

    private fun StringBuilder.appendRunning() {
        appendLine("Running at its end, and in no place of that order:")
        running.take(LINES).forEach { appendLine("  $it${if (it.isPending) "" else ", would have returned ${resultOf(it).quoted()}"}") }
        if (running.size > LINES) appendLine("  … and ${running.size - LINES} more")
    }

    private fun resultOf(call: Call<Op, R>): R = model.step(state, call.operation).result

    private fun Any?.quoted() = "'$this'"

    private companion object {
        /** How many calls of a list are printed. */
        const val LINES = 20
    }
}
