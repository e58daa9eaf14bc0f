// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.simulation.histories.Model
import dev.simul.simulation.histories.Step

/** What clients may expect of the store: that of one server which does one operation after the other, and never crashes. */
internal object KeyValueModel : Model<String, Operation, String> {
    override val initial = ""

    override fun step(
        state: String,
        operation: Operation,
    ): Step<String, String> {
        val after =
            when (operation.verb) {
                Verb.GET -> state
                Verb.PUT -> operation.value
                Verb.APPEND -> state + operation.value
            }
        return Step(after, after)
    }

    override fun key(operation: Operation) = operation.key
}
