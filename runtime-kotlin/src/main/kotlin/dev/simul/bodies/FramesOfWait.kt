// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.isBeginOfBody

/** The frames of a body that waits, without those of the wait itself, and of the loop that may run on top of it. */
internal fun Body<*>.framesOfWait(): List<StackTraceElement> {
    val all = thread?.stackTrace.orEmpty().asList()
    val wait = all.indexOfLast { it.className == BODY && it.methodName == "waitForTurn" }
    val begin = all.indexOfLast { it.isBeginOfBody }
    return if (wait in 0 until begin) all.subList(wait + 1, begin) else emptyList()
}

private const val BODY = "dev.simul.bodies.Body"
