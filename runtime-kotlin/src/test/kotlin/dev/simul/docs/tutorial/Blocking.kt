// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.blocking

import dev.simul.createTask
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.toThread
import kotlin.time.Duration.Companion.milliseconds

fun readSlowly(): String {
    Thread.sleep(500)
    return "the file"
}

fun main() {
    runLoop {
        val reading = createTask { toThread { readSlowly() } }
        repeat(3) {
            println("tick")
            sleep(100.milliseconds)
        }
        println(reading.await())
    }
}
