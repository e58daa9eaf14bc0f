// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun f() {
    println("f begins")
    sleep(1.seconds)
    println("f ends")
}

private suspend fun g() {
    println("g begins")
    sleep(1.seconds)
    println("g ends")
}

internal fun inOrder() =
    run {
        f()
        g()
    }
