// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import kotlin.random.Random

/**
 * A history of [size] calls by [clients] that overlap at random, of a correct object: each call takes effect at an instant of its period,
 * or, if [cutOff] says so, its client is cut off before or after.
 */
fun <S, Op, R> correctHistory(
    random: Random,
    model: Model<S, Op, R>,
    size: Int,
    clients: Int,
    cutOff: Double = 0.0,
    operation: () -> Op,
): History<Op, R> {
    val history = History<Op, R>()
    val states = HashMap<Any?, S>()
    val open = arrayOfNulls<OpenCall<Op, R>>(clients)
    var begun = 0
    while (begun < size || open.any { it != null }) {
        val client = random.nextInt(clients)
        val current = open[client]
        if (current == null) {
            if (begun++ < size) open[client] = OpenCall(history.begin(client, operation()))
        } else if (current.step == null) {
            val key = model.key(current.call.operation)
            if (random.nextDouble() < cutOff) {
                open[client] = null
                if (random.nextBoolean()) continue
            }
            val step = model.step(states[key] ?: model.initial, current.call.operation)
            states[key] = step.state
            current.step = step
        } else {
            current.call.returned(current.step!!.result)
            open[client] = null
        }
    }
    return history
}

/** A history of [size] calls whose periods and results have nothing to do with each other. */
fun <Op, R> arbitraryHistory(
    random: Random,
    size: Int,
    cutOff: Double,
    operation: () -> Op,
    result: (Op) -> R,
): History<Op, R> {
    val history = History<Op, R>()
    val open = ArrayList<Call<Op, R>>()
    var begun = 0
    while (begun < size || open.isNotEmpty()) {
        if (begun < size && random.nextInt(open.size + 2) < 2) {
            open += history.begin("client ${begun++}", operation())
        } else if (open.isNotEmpty()) {
            val call = open.removeAt(random.nextInt(open.size))
            if (random.nextDouble() >= cutOff) call.returned(result(call.operation))
        }
    }
    return history
}

fun randomAccess(
    random: Random,
    keys: Int = 1,
    values: Int = 3,
): Access {
    val key = "key ${random.nextInt(keys)}"
    return when (random.nextInt(4)) {
        0, 1 -> Access.Read(key)
        2 -> Access.Write(key, random.nextInt(values))
        else -> Access.Cas(key, random.nextInt(values), random.nextInt(values))
    }
}

private class OpenCall<Op, R>(
    val call: Call<Op, R>,
) {
    var step: Step<*, R>? = null
}
