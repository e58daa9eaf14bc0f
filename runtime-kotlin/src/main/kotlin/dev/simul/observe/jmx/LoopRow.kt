// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.loop.EventLoop
import dev.simul.observe.jmx.RecordType.Companion.INT
import dev.simul.observe.jmx.RecordType.Companion.TEXT
import dev.simul.observe.metrics

/** A loop in the table of all of them, as numbers. */
internal class LoopRow(
    private val loop: EventLoop,
) {
    private val figures = LoopFigures(loop.metrics)

    companion object {
        val RECORD =
            RecordType<LoopRow>(
                "Loop",
                "A loop, as numbers",
                Field("id", INT, "Its number in this JVM") { it.loop.number },
                Field("thread", TEXT, "The thread that runs it") { it.loop.threadName },
                Field("state", TEXT, "running, idle or stopped") { Activity.of(it.loop).word },
                *LoopFigures.fieldsOf { it.figures },
            )
    }
}
