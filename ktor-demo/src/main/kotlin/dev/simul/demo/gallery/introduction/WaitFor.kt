// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.run
import dev.simul.exceptions.TimeoutException
import dev.simul.sleep
import dev.simul.waitFor
import kotlin.time.Duration.Companion.seconds

private suspend fun longRunningTask(): String {
    sleep(10.seconds)
    return "completed"
}

internal fun waitFor() =
    run {
        try {
            val result = waitFor(5.seconds) { longRunningTask() }
            println(result)
        } catch (_: TimeoutException) {
            println("Task timed out!")
        }
    }
