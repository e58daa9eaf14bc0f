// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.createTask
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run
import dev.simul.gather

internal fun gather() {
    val result =
        run {
            val task1 = createTask { coro(listOf(10, 5, 2)) }
            val task2 = createTask { coro(listOf(3, 2, 1)) }
            println("Start: ${strftime()}")
            val result = gather(task1, task2).await()
            println("End: ${strftime()}")
            println("Both tasks done: ${task1.done() && task2.done()}")
            result
        }
    println("result: $result")
}
