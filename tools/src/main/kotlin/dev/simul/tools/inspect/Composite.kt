// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import javax.management.openmbean.CompositeData

/** Reads [data] by key. Keys that are missing, or have values of another type, are as if they were not known; other keys are not looked at. */
internal class Composite(
    private val data: CompositeData?,
) {
    fun text(key: String): String? = value(key) as? String

    fun number(key: String): Long? = (value(key) as? Number)?.toLong()

    /** A number that says by -1 that it is not known. */
    fun known(key: String): Long? = number(key)?.takeIf { it >= 0 }

    fun flag(key: String): Boolean? = value(key) as? Boolean

    fun texts(key: String): List<String> = (value(key) as? Array<*>)?.filterIsInstance<String>().orEmpty()

    fun numbers(key: String): List<Long> =
        when (val numbers = value(key)) {
            is LongArray -> numbers.toList()
            is Array<*> -> numbers.mapNotNull { (it as? Number)?.toLong() }
            else -> emptyList()
        }

    fun one(key: String): Composite = Composite(value(key) as? CompositeData)

    fun many(key: String): List<Composite> = compositesOf(value(key))

    private fun value(key: String): Any? = data?.takeIf { it.containsKey(key) }?.get(key)

    companion object {
        /** What an operation has answered that returns an array of them. */
        fun compositesOf(answer: Any?): List<Composite> =
            (answer as? Array<*>)?.filterIsInstance<CompositeData>()?.map(::Composite).orEmpty()
    }
}

internal fun loopOf(data: Composite): LoopSnapshot =
    LoopSnapshot(
        id = data.number("id")?.toInt() ?: 0,
        thread = data.text("thread").orEmpty(),
        state = data.text("state").orEmpty(),
        answered = data.flag("answered") ?: true,
        busyNanos = data.known("busyNanos"),
        busyTask = data.number("busyTask")?.takeIf { it > 0 },
        busyStack = data.texts("busyStack"),
        metrics = metricsOf(data.one("metrics")),
        exactTimes = data.flag("exactTimes") ?: false,
        tasks = data.many("tasks").map(::taskOf),
    )

private fun metricsOf(data: Composite) =
    LoopMetrics(
        turns = data.known("turns"),
        lagNanos = data.known("lagNanos"),
        ready = data.known("ready"),
        tasks = data.known("tasks"),
        timers = data.known("timers"),
        connections = data.known("connections"),
    )

private fun taskOf(data: Composite) =
    TaskSnapshot(
        id = data.number("id") ?: 0,
        name = data.text("name").orEmpty(),
        state = data.text("state").orEmpty(),
        coroutine = data.text("coroutine").orEmpty(),
        waitingFor = data.text("waitingFor")?.removePrefix("waiting for "),
        awaits = data.numbers("awaits"),
        cancelling = data.number("cancelling")?.toInt() ?: 0,
        cancellation = data.texts("cancellation"),
        ageNanos = data.known("ageNanos"),
        timeOnLoopNanos = data.known("timeOnLoopNanos"),
        waitingNanos = data.known("waitingNanos"),
        stack = data.texts("stack"),
    )
