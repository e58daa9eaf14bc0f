// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.Time
import kotlin.time.Duration.Companion.seconds

private fun count() {
    println("One")
    Time.sleep(1.seconds)
    println("Two")
}

internal fun oneTwoSync() {
    repeat(3) {
        count()
    }
}
