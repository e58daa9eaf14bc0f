// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Time
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import kotlin.time.Duration.Companion.seconds

private suspend fun count() {
    println("One")
    Time.sleep(1.seconds)
    println("Two")
    Time.sleep(1.seconds)
}

internal fun countBlocking() {
    val start = perfCounter()
    run { gather({ count() }, { count() }, { count() }).await() }
    val elapsed = perfCounter() - start
    println("count-blocking executed in %.2f seconds.".format(elapsed))
}
