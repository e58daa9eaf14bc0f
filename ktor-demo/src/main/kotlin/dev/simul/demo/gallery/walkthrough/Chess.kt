// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.run
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit

private const val OPPONENTS = 24
private const val PAIRS_OF_MOVES = 30

private suspend fun juditMoves() = sleep(5.seconds)

private suspend fun opponentMoves() = sleep(55.seconds)

private suspend fun synchronousExhibition() {
    repeat(OPPONENTS) {
        repeat(PAIRS_OF_MOVES) {
            juditMoves()
            opponentMoves()
        }
    }
}

private suspend fun asynchronousExhibition() {
    val replies = arrayOfNulls<Task<Unit>>(OPPONENTS)
    repeat(PAIRS_OF_MOVES) {
        for (board in replies.indices) {
            replies[board]?.await()
            juditMoves()
            replies[board] = createTask { opponentMoves() }
        }
    }
}

private fun hours(exhibition: suspend () -> Unit): Double =
    run(loopFactory = { VirtualClock().newLoop() }) {
        exhibition()
        getRunningLoop().time().toDouble(DurationUnit.HOURS)
    }

internal fun chess() {
    println("Synchronous version: %.2f hours".format(hours { synchronousExhibition() }))
    println("Asynchronous version: %.2f hours".format(hours { asynchronousExhibition() }))
}
