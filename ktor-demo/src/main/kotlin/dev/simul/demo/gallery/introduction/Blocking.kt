// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.createTask
import dev.simul.demo.gallery.Time
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun badExample() {
    Time.sleep(1.seconds) // blocks the loop
}

private suspend fun goodExample() {
    sleep(1.seconds)
}

internal fun blocking() =
    run(debug = true) {
        var start = perfCounter()
        gather(createTask("bad-1") { badExample() }, createTask("bad-2") { badExample() }).await()
        println("Two bad examples: %.2f seconds".format(perfCounter() - start))

        start = perfCounter()
        gather({ goodExample() }, { goodExample() }).await()
        println("Two good examples: %.2f seconds".format(perfCounter() - start))
    }
