// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

internal fun waiter() =
    run {
        println("Before sleep")
        sleep(5.seconds)
        println("After sleep")
    }
