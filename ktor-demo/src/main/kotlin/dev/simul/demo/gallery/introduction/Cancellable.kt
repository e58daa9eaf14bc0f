// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun cancellableTask() {
    try {
        sleep(10.seconds)
    } catch (e: CancelledException) {
        println("Task was cancelled")
        throw e
    }
}

internal fun cancellable() =
    run {
        val task = createTask { cancellableTask() }
        sleep(1.seconds)
        task.cancel()
        try {
            task.await()
        } catch (_: CancelledException) {
            println("Caught cancellation in main")
        }
    }
