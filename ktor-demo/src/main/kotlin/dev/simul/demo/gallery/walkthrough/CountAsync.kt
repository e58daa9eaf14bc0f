// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun count() {
    println("One")
    sleep(1.seconds)
    println("Two")
    sleep(1.seconds)
}

internal fun countAsync() {
    val start = perfCounter()
    run { gather({ count() }, { count() }, { count() }).await() }
    val elapsed = perfCounter() - start
    println("count-async executed in %.2f seconds.".format(elapsed))
}
