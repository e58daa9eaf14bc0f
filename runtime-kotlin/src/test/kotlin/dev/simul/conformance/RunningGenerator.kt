// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGeneratorReceiving

/** An asynchronous generator of a program. */
internal class RunningGenerator(
    machine: Machine,
    spec: GeneratorBody,
) {
    private var started = false

    val items: AsyncGenerator<Any?, Any?> =
        asyncGeneratorReceiving {
            started = true
            val frame = Frame()
            val runBlock: suspend (List<Statement>) -> Unit = { statements ->
                for (statement in statements) {
                    if (statement.operation == "yield") {
                        machine.log("sent " + show(yield(statement[0])))
                    } else {
                        machine.block(listOf(statement), frame)
                    }
                }
            }
            try {
                try {
                    runBlock(spec.body)
                } catch (boom: Boom) {
                    if (spec.except == null) throw boom
                    machine.log("gen caught " + show(boom))
                    runBlock(spec.except)
                }
            } finally {
                if (spec.finally != null) {
                    machine.log("gen finally")
                    machine.block(spec.finally, frame)
                }
            }
        }

    /** `asend`, with the TypeError of a value that comes before the first `yield` told apart from a ValueError. */
    suspend fun send(value: Any?): Any? =
        try {
            items.asend(value)
        } catch (exception: IllegalArgumentException) {
            throw if (started) exception else TypeError(exception)
        }
}
