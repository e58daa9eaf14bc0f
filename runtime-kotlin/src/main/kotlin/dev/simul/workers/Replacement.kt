// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.TimeoutException
import dev.simul.timeout

/** The replacement of [old], the worker of [place], by one that serves what [old] serves, or has served when its main ended. */
internal class Replacement(
    private val crew: Crew,
    private val place: Place,
    private val old: Worker,
) {
    private var served: List<SharedListener> = emptyList()

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
            timeout(crew.options.startTimeout) { crew.awaitUntil { new.serves() || new.isLost() } }
        } catch (e: TimeoutException) {
            throw IllegalStateException("$new did not serve within ${crew.options.startTimeout}, as ${describeOld()}", e)
        }
        check(!crew.isClosing) { "the supervisor was closed before $old was replaced" }
        if (!new.isLost()) return
        val failure = new.failure ?: new.mainEnd?.failure
        throw IllegalStateException("$new has ended or hangs instead of serving as ${describeOld()}", failure)
    }

    private fun describeOld() = if (place.current === old && old.mainEnd == null) "$old does, which stays" else "$old did, which has ended"

    /** Whether it has a server wherever [old] has one. */
    private fun Worker.serves(): Boolean {
        val now = old.shares.filter { it.isServing }.map { it.listener }
        if (old.mainEnd == null) served = now
        return state == WorkerState.RUNNING && served.all { listener -> shares.any { it.listener === listener && it.isServing } }
    }

    /** Whether it has no place any longer, or has ended in it. */
    private fun Worker.isLost() = mainEnd != null || (place.candidate !== this && place.current !== this)
}
