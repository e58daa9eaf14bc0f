// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.createTask
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun operate(
    time: Int,
    result: Int,
): Int {
    println("${strftime()}: Spending $time seconds doing operations ...")
    sleep(time.seconds)
    println("${strftime()}: Operations done after $time seconds!")
    return result
}

internal fun operateTasks() =
    run {
        val task1 = createTask { operate(5, 42) }
        val task2 = createTask { operate(2, 23) }
        val r1 = task1.await()
        println("${strftime()}: task1 returned $r1")
        val r2 = task2.await()
        println("${strftime()}: task2 returned $r2")
    }
