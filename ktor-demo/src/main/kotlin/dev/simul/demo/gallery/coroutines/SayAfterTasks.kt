// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.createTask
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun sayAfter(
    delay: Int,
    what: String,
) {
    sleep(delay.seconds)
    println(what)
}

internal fun sayAfterTasks() =
    run {
        val task1 = createTask { sayAfter(1, "hello") }
        val task2 = createTask { sayAfter(2, "world") }
        println("started at ${strftime()}")
        task1.await()
        task2.await()
        println("finished at ${strftime()}")
    }
