// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.runLoop
import dev.simul.sleep
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

suspend fun askedOnce() {
    val task =
        createTask {
            try {
                sleep(1.hours)
            } catch (e: CancelledException) {
                println("asked to stop")
            }
            sleep(1.seconds) // This wait works: the request has been delivered.
            println("went on")
        }
    sleep(1.seconds)
    task.cancel()
    task.await()
}

fun heardAndUnheard() {
    runLoop {
        createTask {
            sleep(1.seconds)
            println("never printed: run has ended before")
        }
        val awaited =
            createTask {
                sleep(10.milliseconds)
                println("printed")
            }
        awaited.await()
    }
}
