// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Time
import dev.simul.demo.gallery.Time.perfCounter
import kotlin.time.Duration.Companion.seconds

private fun count() {
    println("One")
    Time.sleep(1.seconds)
    println("Two")
    Time.sleep(1.seconds)
}

internal fun countSync() {
    val start = perfCounter()
    repeat(3) { count() }
    val elapsed = perfCounter() - start
    println("count-sync executed in %.2f seconds.".format(elapsed))
}
