// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** What `ps` shows, for scripts: keys stay what they are, new ones may come. Times are in nanoseconds, and null is what is not known. */
internal fun tableJsonOf(
    pid: Long,
    loops: List<LoopSnapshot>,
): String = text(keysOf(pid, loops))

/** The same for `pstree`: cycles, too, each as the ids of its tasks. The tree is what `awaits` tells, from the `roots` on. */
internal fun treeJsonOf(
    pid: Long,
    loops: List<LoopSnapshot>,
): String {
    val graph = AwaitGraph(loops.flatMap { it.tasks })
    return text(keysOf(pid, loops) + mapOf("roots" to idsOf(graph.roots), "cycles" to graph.cycles.map(::idsOf)))
}

private fun idsOf(tasks: List<TaskSnapshot>) = tasks.map { it.id }

private fun keysOf(
    pid: Long,
    loops: List<LoopSnapshot>,
) = mapOf("pid" to pid, "loops" to loops.map(::keysOf))

private fun keysOf(loop: LoopSnapshot) =
    with(loop) {
        mapOf(
            "id" to id,
            "thread" to thread,
            "state" to state,
            "answered" to answered,
            "busyNanos" to busyNanos,
            "busyTask" to busyTask,
            "busyStack" to busyStack,
            "metrics" to keysOf(metrics),
            "exactTimes" to exactTimes,
            "tasks" to tasks.map(::keysOf),
        )
    }

private fun keysOf(metrics: LoopMetrics) =
    with(metrics) {
        mapOf(
            "turns" to turns,
            "lagNanos" to lagNanos,
            "ready" to ready,
            "tasks" to tasks,
            "timers" to timers,
            "connections" to connections,
        )
    }

private fun keysOf(task: TaskSnapshot) =
    with(task) {
        mapOf(
            "id" to id,
            "name" to name,
            "state" to state,
            "coroutine" to coroutine,
            "waitingFor" to waitingFor,
            "awaits" to awaits,
            "cancelling" to cancelling,
            "cancellation" to cancellation,
            "ageNanos" to ageNanos,
            "timeOnLoopNanos" to timeOnLoopNanos,
            "waitingNanos" to waitingNanos,
            "stack" to stack,
        )
    }

private fun text(keys: Map<String, Any?>): String = PRETTY.encodeToString(JsonElement.serializer(), jsonOf(keys))

private fun jsonOf(value: Any?): JsonElement =
    when (value) {
        null -> JsonNull
        is Map<*, *> -> JsonObject(value.entries.associate { (key, of) -> key as String to jsonOf(of) })
        is List<*> -> JsonArray(value.map(::jsonOf))
        is Number -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        else -> JsonPrimitive(value as String)
    }

private val PRETTY = Json { prettyPrint = true }
