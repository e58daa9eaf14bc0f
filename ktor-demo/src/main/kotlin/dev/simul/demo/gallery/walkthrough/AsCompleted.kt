// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.asCompleted
import dev.simul.createTask
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run

internal fun asCompleted() =
    run {
        val task1 = createTask { coro(listOf(10, 5, 2)) }
        val task2 = createTask { coro(listOf(3, 2, 1)) }
        println("Start: ${strftime()}")
        for (task in asCompleted(listOf(task1, task2))) {
            val result = task.await()
            println("result: $result completed at ${strftime()}")
        }
        println("End: ${strftime()}")
        println("Both tasks done: ${task1.done() && task2.done()}")
    }
