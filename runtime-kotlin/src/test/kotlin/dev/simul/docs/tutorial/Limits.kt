// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.limits

import dev.simul.exceptions.TimeoutException
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.timeout
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

fun main() {
    runLoop {
        try {
            timeout(500.milliseconds) {
                println("waiting")
                sleep(1.hours)
                println("never printed")
            }
        } catch (e: TimeoutException) {
            println("too slow")
        }
    }
}
