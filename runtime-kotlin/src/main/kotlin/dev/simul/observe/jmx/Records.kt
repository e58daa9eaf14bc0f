// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import javax.management.openmbean.ArrayType
import javax.management.openmbean.CompositeData
import javax.management.openmbean.CompositeDataSupport
import javax.management.openmbean.CompositeType
import javax.management.openmbean.OpenType
import javax.management.openmbean.SimpleType

/** A field of a [RecordType]. */
internal class Field(
    val name: String,
    val type: OpenType<*>,
    val description: String,
)

/** A kind of record that is sent to other processes, which need no class of ours to read it. */
internal class RecordType(
    name: String,
    description: String,
    vararg fields: Field,
) {
    private val names = fields.map { it.name }

    val type: CompositeType =
        CompositeType(
            name,
            description,
            names.toTypedArray(),
            fields.map { it.description }.toTypedArray(),
            fields.map { it.type }.toTypedArray(),
        )

    val arrayType: ArrayType<Array<CompositeData>> = ArrayType(1, type)

    /** A record with the value of each field, by its name. */
    fun of(vararg values: Pair<String, Any?>): CompositeData = CompositeDataSupport(type, values.toMap())
}

private val text = SimpleType.STRING
private val long = SimpleType.LONG
private val int = SimpleType.INTEGER
private val boolean = SimpleType.BOOLEAN
private val texts = ArrayType<Array<String>>(1, text)
private val longs = ArrayType<LongArray>(long, true)

private val metricFields =
    arrayOf(
        Field("turns", long, "Turns that it has begun"),
        Field("lagNanos", long, "How late it runs what is ready, by the last probe"),
        Field("ready", int, "Callbacks that are ready to run"),
        Field("tasks", int, "Tasks that are not done"),
        Field("timers", int, "Timers that are neither due nor cancelled"),
        Field("connections", int, "Connections that are open"),
    )

internal val MetricsRecord = RecordType("LoopMetrics", "What a loop has to do", *metricFields)

internal val LoopRow =
    RecordType(
        "Loop",
        "A loop, as numbers",
        Field("id", int, "Its number in this JVM"),
        Field("thread", text, "The thread that runs it"),
        Field("state", text, "running, idle or stopped"),
        *metricFields,
    )

internal val TaskRecord =
    RecordType(
        "Task",
        "A task that is not done",
        Field("id", long, "Its number in this JVM"),
        Field("name", text, "Its name"),
        Field("state", text, "running, ready or waiting"),
        Field("coroutine", text, "Its outermost frame"),
        Field("waitingFor", text, "What it waits for; null unless it waits"),
        Field("awaits", longs, "The tasks that it waits for"),
        Field("cancelling", int, "Requests to cancel it that were not taken back"),
        Field("cancellation", texts, "Who asked to cancel it, and what became of that"),
        Field("ageNanos", long, "Since when it is there; -1 if that is not known"),
        Field("timeOnLoopNanos", long, "How long it has held the loop in all; -1 if that is not known"),
        Field("waitingNanos", long, "Since when it waits; -1 if that is not known"),
        Field("stack", texts, "Its frames, the innermost first, if they were asked for"),
    )

internal val LoopRecord =
    RecordType(
        "LoopSnapshot",
        "A loop and its tasks",
        Field("id", int, "Its number in this JVM"),
        Field("thread", text, "The thread that runs it, or ran it last"),
        Field("state", text, "running, idle or stopped"),
        Field("answered", boolean, "Whether it said this itself; if not, it was read while it ran"),
        Field("busyNanos", long, "How long the current step has taken; -1 if that is not known"),
        Field("busyTask", long, "The task whose step runs; 0 if there is none"),
        Field("busyStack", texts, "The stack of the thread that holds it, if it did not answer"),
        Field("metrics", MetricsRecord.type, "What it has to do"),
        Field("exactTimes", boolean, "Whether times on the loop are measured rather than sampled"),
        Field("tasks", TaskRecord.arrayType, "Its tasks, in the order of their creation"),
    )
