// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.EventLoop
import kotlin.time.Duration

/** Whether a worker's loop answers; belongs to the supervisor's loop. */
internal class Health(
    private val worker: Worker,
) {
    private var isAsked = false

    /** For how long it has not answered, as the supervisor has seen. */
    var unanswered: Duration = Duration.ZERO
        private set

    /** Whether the supervisor has said that it can do nothing. */
    var isReported: Boolean = false

    /**
     * Asks the worker's loop to answer [supervisor], if it is not asked already; [elapsed] has passed since the last time. [answered] is
     * called in the supervisor's loop.
     */
    fun ask(
        supervisor: EventLoop,
        elapsed: Duration,
        answered: () -> Unit,
    ) {
        if (isAsked) {
            unanswered += elapsed
            return
        }
        isAsked = true
        // A loop that is closed says so when its thread has ended: until then, it does not answer.
        worker.call { supervisor.callUnlessClosed { hear(answered) } }
    }

    private fun hear(answered: () -> Unit) {
        isAsked = false
        unanswered = Duration.ZERO
        isReported = false
        answered()
    }
}
