// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.getRunningLoop
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The unit of these tests' virtual time. */
internal val TICK: Duration = 10.milliseconds

/** Gives up the turn that many times. */
internal suspend fun turns(count: Int = 1) = repeat(count) { sleep(Duration.ZERO) }

/** How many turns of the loop [block] takes: 0 if it never gave up the turn it was called in. */
internal suspend fun turnsOf(block: suspend () -> Unit): Int {
    val loop = getRunningLoop()
    var count = 0
    var counting = true

    fun tick() {
        if (!counting) return
        count++
        loop.callSoon { tick() }
    }
    loop.callSoon { tick() }
    block()
    counting = false
    return count
}

/** Starts [block] in a callback of the running loop, as no task, and returns how it ended. */
internal suspend fun <T> outsideTasks(block: suspend () -> T): Result<T> {
    val loop = getRunningLoop()
    val ended = loop.createFuture<Result<T>>()
    loop.callSoon {
        block.startCoroutine(
            object : Continuation<T> {
                override val context = EmptyCoroutineContext

                override fun resumeWith(result: Result<T>) = ended.setResult(result)
            },
        )
    }
    return ended.await()
}
