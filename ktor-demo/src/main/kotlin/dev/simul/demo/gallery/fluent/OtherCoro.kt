// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun coro(name: String): Int {
    println("$name started")
    sleep(2.seconds)
    println("$name ended")
    return 10
}

internal fun otherCoro() =
    run {
        val task = createTask { coro("one_coro") }
        println("task created")
        val result = coro("other_coro")
        println("other_coro returned $result")
        println("one_coro returned ${task.await()}")
    }
