// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.math.min

/**
 * Asks, again and again, whether the other end of a connection is there: less and less often, as a segment is sent again. It does so if what
 * has arrived could not be acknowledged, and as long as the sender waits for room (TCP's persist timer).
 *
 * @param isAnswered asks, and tells whether there was an answer.
 * @param isNeeded whether to go on after an answer.
 * @param giveUp is called if there was none for long enough.
 */
internal class Probes(
    private val agenda: Agenda,
    private val isAnswered: () -> Boolean,
    private val isNeeded: () -> Boolean,
    private val giveUp: () -> Unit,
) {
    private var next: Agenda.Entry? = null

    /** Begins, unless it is under way. After [timeout] with answers it ends, too: a program that does not read for ever is stuck. */
    fun start(timeout: Long) {
        if (next?.isDone == false) return
        askLater(Path.FIRST, timeout, answeredAt = agenda.nowNanos, until = agenda.nowNanos + timeout)
    }

    fun end() {
        next?.cancel()
    }

    private fun askLater(
        wait: Long,
        timeout: Long,
        answeredAt: Long,
        until: Long,
    ) {
        val longer = min(2 * wait, Path.LONGEST)
        next =
            agenda.at(min(agenda.nowNanos + wait, answeredAt + timeout)) {
                val now = agenda.nowNanos
                when {
                    isAnswered() -> if (isNeeded() && now < until) askLater(longer, timeout, now, until)
                    now >= answeredAt + timeout -> giveUp()
                    else -> askLater(longer, timeout, answeredAt, until)
                }
            }
    }
}
