// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun oneCoro(): Int {
    println("coro started")
    sleep(2.seconds)
    println("coro ended")
    return 10
}

internal fun taskAwaited() =
    run {
        val task = createTask { oneCoro() }
        println("await task started")
        val t = task.await()
        println(t)
        println("await task ended")
    }
