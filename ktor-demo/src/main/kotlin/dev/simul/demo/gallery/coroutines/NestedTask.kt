// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.createTask
import dev.simul.demo.gallery.run

private suspend fun nested(): Int {
    println("something")
    return 42
}

internal fun nestedTask() {
    run {
        val task = createTask { nested() }
        task.await()
    }
}
