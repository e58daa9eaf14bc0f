// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun coro(
    name: String,
    delay: Int,
) {
    try {
        sleep(delay.seconds)
        println("$name: done")
    } catch (e: CancelledException) {
        println("$name: cancelled")
        throw e
    }
}

internal fun leftBehind() =
    run {
        createTask { coro("left behind", 2) }
        val task = createTask { coro("awaited", 1) }
        task.await()
        println("main: done")
    }
