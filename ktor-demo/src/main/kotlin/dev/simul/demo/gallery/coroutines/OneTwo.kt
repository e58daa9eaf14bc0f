// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun count() {
    println("One")
    sleep(1.seconds)
    println("Two")
}

internal fun oneTwo() {
    run { gather({ count() }, { count() }, { count() }).await() }
}
