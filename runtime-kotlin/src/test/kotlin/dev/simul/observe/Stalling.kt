// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.loop.RecordedLog
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** A program whose task [TASK] calls [hold], which holds the loop until the watchdog has reported just that; others may be slow too. */
class Stalling {
    private val reported = CountDownLatch(1)
    private val ended = CountDownLatch(1)

    fun hold() = check(reported.await(1, TimeUnit.MINUTES)) { "nothing was reported" }

    private fun hear(message: String) {
        if (message.startsWith("Task '$TASK' has held its event loop for ")) reported.countDown()
        if (message.startsWith("Task '$TASK' held its event loop for about ")) ended.countDown()
    }

    companion object {
        const val TASK = "stuck"

        /** The threshold to set: few things take that long. */
        val threshold: Duration = 40.milliseconds

        /** What is logged about [TASK] while [program] runs, and until the end of its step is logged. */
        @JvmStatic
        fun logOf(program: (Stalling) -> Unit): List<String> {
            val stalling = Stalling()
            val log =
                RecordedLog.during({ stalling.hear(it.message) }) {
                    program(stalling)
                    check(stalling.ended.await(1, TimeUnit.MINUTES)) { "the end was not reported" }
                }
            return log.map { it.message }.filter { it.startsWith("Task '$TASK' ") }
        }
    }
}
