// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.asCompleted
import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun coro(n: Int): Int {
    sleep(n.seconds)
    require(n != 2) { "$n is refused" }
    return n
}

internal fun asCompletedError() =
    run {
        for (coro in asCompleted(listOf(3, 2, 1).map { n -> coroutine { coro(n) } })) {
            try {
                println(coro.await())
            } catch (e: IllegalArgumentException) {
                println(e.message)
            }
        }
    }
