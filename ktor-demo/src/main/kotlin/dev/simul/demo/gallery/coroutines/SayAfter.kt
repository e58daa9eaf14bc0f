// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun sayAfter(
    delay: Int,
    what: String,
) {
    sleep(delay.seconds)
    println(what)
}

internal fun sayAfter() =
    run {
        println("started at ${strftime()}")
        sayAfter(1, "hello")
        sayAfter(2, "world")
        println("finished at ${strftime()}")
    }
