// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.demo.gallery.run

private suspend fun work() {
    println("The task begins")
}

internal fun beginsLater() =
    run {
        val task = createTask { work() }
        println("The task is scheduled")
        task.await()
    }
