// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** The conditions that a [World] asks after each turn of a host, and after each piece of work of its threads. */
internal class Invariants(
    private val world: World,
) {
    private val conditions = ArrayList<Condition>()

    /** How many turns there were: the number of the last one. */
    private var turns = 0L

    /** Asks [condition] from the next turn on. */
    fun add(condition: Condition): AutoCloseable {
        conditions += condition
        return AutoCloseable { conditions.removeIf { it === condition } }
    }

    /** From now on nothing is asked: the program ends. */
    fun clear() = conditions.clear()

    /** [process] has had a turn. What a condition throws ends the simulation. */
    fun turnEnded(process: HostProcess) {
        turns++
        if (conditions.isEmpty()) return
        val turn = Turn(turns, process.name, world.now)
        try {
            // A condition may take itself or others away.
            for (condition in conditions.toTypedArray()) condition.ask(turn)
        } catch (e: Throwable) {
            clear()
            throw e
        }
    }
}

/** Something to ask about after each turn; throws what is to end the simulation. */
internal fun interface Condition {
    fun ask(turn: Turn)
}
