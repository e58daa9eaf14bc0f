// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

internal suspend fun coro(numbers: List<Int>): List<Int> {
    sleep(numbers.min().seconds)
    return numbers.reversed()
}

internal fun createTask() {
    val result =
        run {
            val task = createTask { coro(listOf(3, 2, 1)) }
            println("task.javaClass = ${task.javaClass}")
            println("task.done() = ${task.done()}")
            task.await()
        }
    println("result: $result")
}
