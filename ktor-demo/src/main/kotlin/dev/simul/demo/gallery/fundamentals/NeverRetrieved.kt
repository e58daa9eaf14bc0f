// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun bgTask() {
    println("In the background")
    throw RuntimeException("Ouch")
}

internal fun neverRetrieved() =
    run {
        createTask("bg_task") { bgTask() }
        println("Now we sleep and let bg_task do its thing")
        sleep(2.seconds)
        println("I'm awake!")
    }
