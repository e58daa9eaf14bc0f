// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import dev.simul.wait
import kotlin.time.Duration.Companion.seconds

private suspend fun job() {
    currentTask()?.cancel()
    println("Cancelled, and still running")
    try {
        sleep(1.seconds)
        println("Never printed")
    } catch (e: CancelledException) {
        println("The await raised an exception")
        throw e
    }
}

internal fun cancelAtNextAwait() =
    run {
        val task = createTask { job() }
        wait(listOf(task))
        println("The task was cancelled: ${task.cancelled()}")
    }
