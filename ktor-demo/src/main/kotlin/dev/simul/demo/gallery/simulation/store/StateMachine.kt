// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** The keys and their values: what the commands of a log lead to, when they are applied one after the other. */
internal class StateMachine(
    private val bug: Bug?,
) {
    private class Session(
        val number: Int,
        val result: String,
    )

    private val values = HashMap<String, String>()
    private val sessions = HashMap<String, Session>()

    /** Applies [command], unless that was done already: a retry gets the result of the first attempt. */
    fun apply(command: Command): String {
        val session = sessions[command.client]
        if (session != null && command.number <= session.number && bug != Bug.DOUBLE_RETRY) return session.result
        return apply(command.operation).also { sessions[command.client] = Session(command.number, it) }
    }

    private fun apply(operation: Operation): String {
        val step = KeyValueModel.step(values[operation.key].orEmpty(), operation)
        values[operation.key] = step.state
        return step.result
    }
}
