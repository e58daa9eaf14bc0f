// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.createTask
import dev.simul.demo.gallery.run

private suspend fun nested() {
    println("something")
}

internal fun taskNeedsLoop() =
    try {
        createTask { nested() }
        println("Never printed")
    } catch (e: IllegalStateException) {
        println("Refused: ${e::class.simpleName}")
    }
