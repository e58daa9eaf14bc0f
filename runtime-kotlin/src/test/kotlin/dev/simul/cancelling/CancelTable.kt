// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.testing.CancelOptions
import dev.simul.testing.CancelTrial
import kotlin.time.Duration.Companion.seconds

/** Programs that are cancelled in each of their turns, with the public operations that each of them is about. */
internal class CancelTable {
    val lines = ArrayList<Line>()

    /**
     * Adds a program.
     *
     * @param operations as `Class.function` for members, and `function` for others.
     */
    fun line(
        vararg operations: String,
        options: CancelOptions = CancelOptions(),
        check: suspend () -> Unit = {},
        program: suspend () -> Unit,
    ) = line(*operations, setUp = {}, options = options, check = { check() }, program = { program() })

    fun <S> line(
        vararg operations: String,
        setUp: suspend () -> S,
        options: CancelOptions = CancelOptions(),
        check: suspend (S) -> Unit = {},
        program: suspend (S) -> Unit,
    ) {
        lines += Line(operations.toList(), options) { CancelTrial(options, setUp, check, program).run() }
    }

    /** @property run returns how many turns the program takes. */
    class Line(
        val operations: List<String>,
        val options: CancelOptions,
        val run: () -> Int,
    ) {
        val name = operations.joinToString()
    }
}

/** On the machine's clock: for sockets, child processes and threads, which may take their time. */
internal val REAL = CancelOptions(virtualTime = false, timeLimit = 30.seconds, settle = 10.seconds)

/** For programs with threads, which have no fixed turns. */
internal val SAMPLED = CancelOptions(virtualTime = false, timeLimit = 30.seconds, settle = 10.seconds, samples = 40)
