// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.observe.LoopMetrics
import dev.simul.observe.jmx.RecordType.Companion.INT
import dev.simul.observe.jmx.RecordType.Companion.LONG

/** What a loop has to do at one moment: its [LoopMetrics], read once. */
internal class LoopFigures(
    metrics: LoopMetrics,
    val lagNanos: Long = metrics.lagNanos,
) {
    val turns = metrics.turns
    val ready = metrics.ready
    val tasks = metrics.tasks
    val timers = metrics.timers
    val connections = metrics.connections

    companion object {
        /** The fields of a record of an [S] that has these figures. */
        fun <S> fieldsOf(figures: (S) -> LoopFigures): Array<Field<S>> =
            arrayOf(
                Field("turns", LONG, "Turns that it has begun") { figures(it).turns },
                Field("lagNanos", LONG, "How late it runs what is ready, by the last probe") { figures(it).lagNanos },
                Field("ready", INT, "Callbacks that are ready to run") { figures(it).ready },
                Field("tasks", INT, "Tasks that are not done") { figures(it).tasks },
                Field("timers", INT, "Timers that are neither due nor cancelled") { figures(it).timers },
                Field("connections", INT, "Connections that are open") { figures(it).connections },
            )

        val RECORD = RecordType<LoopFigures>("LoopMetrics", "What a loop has to do", *fieldsOf { it })
    }
}
