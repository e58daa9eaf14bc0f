// SPDX-License-Identifier: Apache-2.0
@file:JvmName("CancellationLedger")

package dev.simul.observe

import dev.simul.Task

/**
 * What became of the requests to cancel [task], a line for each, the oldest first: who asked, with which message, in which line it was
 * delivered, and for what the task has waited next if it has caught the exception or is cleaning up. Of a task that is done, the last line
 * tells how it ended. Empty if nobody has asked.
 *
 * ```text
 * asked to cancel by main: "too slow"; delivered at WorkerKt.work(Worker.kt:12); then it awaited Queue.get at WorkerKt.work(Worker.kt:17)
 * ```
 *
 * A task keeps the last 16 requests at least. Where a body in Java got it is known as long as fewer than a hundred in a second are
 * cancelled on its loop. The ledger holds names and lines, and keeps no other task alive.
 *
 * Call it in the loop's thread, or while the loop does not run. asyncio has no equivalent.
 */
public fun cancellationLedger(task: Task<*>): List<String> = task.cancellationLines()

/** As [cancellationLedger]. */
internal fun Task<*>.cancellationLines(): List<String> {
    val last = step.lastCancelRequest ?: return emptyList()
    val requests = generateSequence(last) { it.previous }.toList().asReversed()
    val forgotten = last.count - requests.size
    return buildList {
        if (forgotten > 0) add("asked to cancel $forgotten ${times(forgotten)} before")
        requests.mapTo(this) { it.describe() }
        if (done()) add(describeEnd())
    }
}

internal fun times(count: Int): String = if (count == 1) "time" else "times"

private fun Task<*>.describeEnd(): String {
    val failure = peekFailure()
    return when {
        cancelled() -> "ended cancelled"
        failure != null -> "ended with ${failure.javaClass.name}"
        else -> "ended with a result"
    }
}
