// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.run
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import kotlin.time.Duration.Companion.hours

private suspend fun main() {
    println("Hello...")
    sleep(1.hours)
    println("World!")
}

internal fun pluggableLoop() {
    val clock = VirtualClock()
    run(loopFactory = { clock.newLoop() }) { main() }
    println("It took ${clock.now.inWholeHours} hour.")
}
