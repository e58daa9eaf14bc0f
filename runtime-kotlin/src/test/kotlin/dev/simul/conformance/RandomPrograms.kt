// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import kotlin.random.Random

/** Random programs in the language of the conformance programs, mostly of tasks that cancel each other; without traces. */
class RandomPrograms(
    private val random: Random,
) {
    private var function = 0

    fun next(): Program {
        val functions = List(FUNCTIONS) { block(of = it, depth = 0) }
        return Program(strict = false, eager = random.nextInt(4) == 0, OBJECTS, functions, emptyList(), emptyList())
    }

    private fun block(
        of: Int,
        depth: Int,
    ): List<Statement> {
        function = of
        return List(random.nextInt(1, LONGEST - depth)) { statement(of, depth) }
    }

    /** A function starts and calls only those behind it, so that every program ends. */
    private fun statement(
        of: Int,
        depth: Int,
    ): Statement {
        while (true) {
            val operation = OPERATIONS.random(random)
            val arguments = grammar.getValue(operation)
            if (of == FUNCTIONS - 1 && (Argument.FUNCTION in arguments || Argument.REFERENCE in arguments)) continue
            if (depth == DEEPEST && (Argument.BLOCK in arguments)) continue
            return Statement(operation, arguments.map { argument(operation, it, of, depth) })
        }
    }

    private fun argument(
        operation: String,
        kind: Argument,
        of: Int,
        depth: Int,
    ): Any? =
        when (kind) {
            Argument.SLOT -> slot()
            Argument.SLOTS -> List(2) { slot() }
            Argument.VALUE -> if (operation == "cancel") listOf(null, "stop").random(random) else random.nextLong(9)
            Argument.COUNT -> random.nextInt(1, 3)
            Argument.FLAG -> random.nextBoolean()
            Argument.DELAY -> random.nextInt(4) / 10.0
            Argument.DEADLINE -> random.nextInt(1, 4) / 10.0
            Argument.WHEN -> listOf("ALL", "FIRST", "EXC").random(random)
            Argument.FUNCTION -> random.nextInt(of + 1, FUNCTIONS)
            Argument.REFERENCE -> if (random.nextBoolean()) Reference.Slot(slot()) else Reference.Fresh(random.nextInt(of + 1, FUNCTIONS))
            Argument.REFERENCES -> List(2) { Reference.Slot(slot()) }
            Argument.BLOCK -> block(of, depth + 1)
            Argument.OPTIONAL_BLOCK -> if (random.nextInt(3) == 0) block(of, depth + 1) else null
            Argument.HANDLERS -> listOf(handler(of, depth))
            else -> OBJECTS.indices.filter { OBJECTS[it].kind in kind.objects }.random(random)
        }

    private fun handler(
        of: Int,
        depth: Int,
    ) = Handler(
        listOf(ExceptionKind.Cancelled, ExceptionKind.Any, ExceptionKind.Timeout).random(random),
        block(of, depth + 1),
        reraise = random.nextBoolean(),
    )

    private fun slot() = "s${random.nextInt(SLOTS)}"

    private companion object {
        const val FUNCTIONS = 4
        const val SLOTS = 5
        const val LONGEST = 7
        const val DEEPEST = 2

        val OBJECTS =
            listOf(ObjectKind.Lock, ObjectKind.Semaphore, ObjectKind.Event, ObjectKind.Queue, ObjectKind.Condition).map {
                SharedObject(it, it.size ?: 0)
            }

        /** Those that cancel, and what is cancelled, more often than the others. */
        val OPERATIONS =
            (
                "spawn spawn spawn cancel cancel cancel cancel uncancel sleep sleep sleep await await try try timeout timeout group " +
                    "group_spawn gather wait wait_for shield with ewait eset put get call repeat raise"
            ).split(' ')
    }
}
