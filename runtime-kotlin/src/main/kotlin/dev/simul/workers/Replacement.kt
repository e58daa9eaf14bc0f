// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.TimeoutException
import dev.simul.timeout

/** The replacement of [old], the worker of [place], while all is well. */
internal class Replacement(
    private val crew: Crew,
    private val place: Place,
    private val old: Worker,
) {
    suspend fun run(): Worker {
        val new = place.startCandidate()
        try {
            awaitReady(new)
        } catch (e: Throwable) {
            if (place.candidate === new) place.withdraw()
            throw e
        }
        if (place.candidate === new) place.promote()
        crew.awaitUntil { old.state == WorkerState.ENDED || old.state == WorkerState.HUNG }
        return new
    }

    private suspend fun awaitReady(new: Worker) {
        try {
            timeout(crew.options.startTimeout) { crew.awaitUntil { place.candidate !== new || new.serves() } }
        } catch (e: TimeoutException) {
            throw IllegalStateException("$new did not serve within ${crew.options.startTimeout}, as $old does, which stays", e)
        }
        check(!crew.isClosing) { "the supervisor was closed before $old was replaced" }
        if (place.current === new || place.candidate === new) return
        throw IllegalStateException("$new has ended or hangs instead of serving as $old does, which stays", new.failure)
    }

    /** Whether it has a server wherever [old] has one; that has none if it has ended. */
    private fun Worker.serves() =
        state == WorkerState.RUNNING &&
            old.shares.all { served -> !served.isServing || shares.any { it.listener === served.listener && it.isServing } }
}
