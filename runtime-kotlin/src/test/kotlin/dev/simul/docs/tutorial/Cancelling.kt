// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.cancelling

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.runLoop
import dev.simul.sleep
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

suspend fun watch() {
    try {
        println("watching")
        sleep(1.hours)
    } finally {
        sleep(100.milliseconds)
        println("cleaned up")
    }
}

fun main() {
    runLoop {
        val watching = createTask { watch() }
        sleep(100.milliseconds)
        watching.cancel("no longer needed")
        try {
            watching.await()
        } catch (e: CancelledException) {
            println("cancelled: ${e.message}")
        }
    }
}
