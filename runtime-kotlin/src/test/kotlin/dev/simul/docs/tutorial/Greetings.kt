// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.greetings

import dev.simul.runLoop
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

suspend fun greet(name: String) {
    println("Hello, $name")
    sleep(1.seconds)
    println("Goodbye, $name")
}

fun main() {
    runLoop {
        greet("Ann")
        greet("Bob")
    }
}
