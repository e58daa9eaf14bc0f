// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.run
import dev.simul.gatherResults
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun mayFail(): Unit = throw IllegalArgumentException("Something went wrong")

internal fun returnExceptions() =
    run {
        try {
            mayFail()
        } catch (e: IllegalArgumentException) {
            println("Caught error: ${e.message}")
        }

        val results = gatherResults({ mayFail() }, { sleep(1.seconds) }).await()
        for (result in results) {
            result.onFailure { println("Task failed: ${it.message}") }
        }
    }
