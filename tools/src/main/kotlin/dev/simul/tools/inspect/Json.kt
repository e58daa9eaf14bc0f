// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArrayBuilder
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonArray
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/** What `ps` shows, for scripts: keys stay what they are, new ones may come. Times are in nanoseconds, and null is what is not known. */
internal fun tableJsonOf(
    pid: Long,
    loops: List<LoopSnapshot>,
): String = text(buildJsonObject { addAll(pid, loops) })

/** The same for `pstree`: cycles, too, each as the ids of its tasks. The tree is what `awaits` tells, from the `roots` on. */
internal fun treeJsonOf(
    pid: Long,
    loops: List<LoopSnapshot>,
): String {
    val graph = AwaitGraph(loops.flatMap { it.tasks })
    val tree =
        buildJsonObject {
            addAll(pid, loops)
            putJsonArray("roots") { graph.roots.forEach { add(it.id) } }
            putJsonArray("cycles") { graph.cycles.forEach { cycle -> addJsonArray { cycle.forEach { add(it.id) } } } }
        }
    return text(tree)
}

private fun text(json: JsonObject): String = PRETTY.encodeToString(JsonElement.serializer(), json)

private fun JsonObjectBuilder.addAll(
    pid: Long,
    loops: List<LoopSnapshot>,
) {
    put("pid", pid)
    putJsonArray("loops") { loops.forEach { add(it) } }
}

private fun JsonArrayBuilder.add(loop: LoopSnapshot) {
    addJsonObject {
        put("id", loop.id)
        put("thread", loop.thread)
        put("state", loop.state)
        put("answered", loop.answered)
        put("busyNanos", loop.busyNanos)
        put("busyTask", loop.busyTask)
        putTexts("busyStack", loop.busyStack)
        putJsonObject("metrics") { put(loop.metrics) }
        put("exactTimes", loop.exactTimes)
        putJsonArray("tasks") { loop.tasks.forEach { add(it) } }
    }
}

private fun JsonObjectBuilder.put(metrics: LoopMetrics) {
    put("turns", metrics.turns)
    put("lagNanos", metrics.lagNanos)
    put("ready", metrics.ready)
    put("tasks", metrics.tasks)
    put("timers", metrics.timers)
    put("connections", metrics.connections)
}

private fun JsonArrayBuilder.add(task: TaskSnapshot) {
    addJsonObject {
        put("id", task.id)
        put("name", task.name)
        put("state", task.state)
        put("coroutine", task.coroutine)
        put("waitingFor", task.waitingFor)
        putJsonArray("awaits") { task.awaits.forEach { add(it) } }
        put("cancelling", task.cancelling)
        putTexts("cancellation", task.cancellation)
        put("ageNanos", task.ageNanos)
        put("timeOnLoopNanos", task.timeOnLoopNanos)
        put("waitingNanos", task.waitingNanos)
        putTexts("stack", task.stack)
    }
}

private fun JsonObjectBuilder.putTexts(
    key: String,
    texts: List<String>,
) {
    putJsonArray(key) { texts.forEach { add(JsonPrimitive(it)) } }
}

private val PRETTY = Json { prettyPrint = true }
