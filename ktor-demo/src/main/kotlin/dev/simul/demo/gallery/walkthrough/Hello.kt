// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun main() {
    println("Hello...")
    sleep(1.seconds)
    println("World!")
}

internal fun hello() {
    val routine = coroutine { main() }
    println("Nothing has run yet.")
    run { routine.await() }
}
