// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

/** Tasks of known shapes, by their names; each is numbered by its place, from 1. */
internal fun tasks(vararg awaits: Pair<String, List<String>>): List<TaskSnapshot> {
    val ids = awaits.withIndex().associate { (index, task) -> task.first to index + 1L }
    return awaits.map { (name, awaited) ->
        TaskSnapshot(
            id = ids.getValue(name),
            name = name,
            state = "waiting",
            coroutine = "shop.$name.Shop.run(Shop.kt:${ids[name]})",
            waitingFor = if (awaited.isEmpty()) "sleep" else awaited.joinToString(),
            awaits = awaited.map(ids::getValue),
        )
    }
}

internal fun loop(
    tasks: List<TaskSnapshot>,
    id: Int = 1,
    thread: String = "main",
) = LoopSnapshot(id, thread, "idle", tasks = tasks)

/** Text of a test, whose lines end where they have words no more. */
internal fun List<String>.text(): String = joinToString("\n") { it.trimEnd() }
