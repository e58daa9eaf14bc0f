// SPDX-License-Identifier: Apache-2.0
package dev.simul

/** The [tasks] that were asked to cancel and have not ended, for the log: what they wait for, their ledgers and where they wait. */
internal fun describeUnended(tasks: Collection<Task<*>>): String =
    tasks.take(MOST_SHOWN).joinToString("") { it.describeUnended() } +
        if (tasks.size > MOST_SHOWN) "\nand ${tasks.size - MOST_SHOWN} more" else ""

private fun Task<*>.describeUnended(): String {
    val requests = cancellationsInEffect().joinToString("") { "\n    $it" }
    return "\n* $name: ${describeNow()}" + requests + awaitingFrames().inLines()
}

/** The frames in which this waits, the innermost first. */
private fun Task<*>.awaitingFrames(): List<StackTraceElement> =
    generateSequence(step.suspendedFrame) { it.callerFrame }
        .flatMap { if (it is OwnStack) it.frames else listOfNotNull(it.getStackTraceElement()) }
        .filterNot { it.isCallOfBody }
        .toList()

private const val MOST_SHOWN = 50
