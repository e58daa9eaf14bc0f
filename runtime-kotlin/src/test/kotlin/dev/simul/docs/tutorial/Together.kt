// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.together

import dev.simul.createTask
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
        val ann = createTask { greet("Ann") }
        val bob = createTask { greet("Bob") }
        println("two tasks are waiting for their turn")
        ann.await()
        bob.await()
    }
}
