// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun otherTask() {
    try {
        sleep(10.seconds)
    } catch (e: CancelledException) {
        println("The other task is cancelled")
        throw e
    }
}

private suspend fun failing() {
    sleep(1.seconds)
    throw RuntimeException("Ouch")
}

internal fun uncaught() =
    try {
        run {
            createTask { otherTask() }
            failing()
        }
    } catch (e: RuntimeException) {
        println("run() raises: ${e.message}")
    }
