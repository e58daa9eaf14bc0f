// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.generators

import dev.simul.generators.asyncGenerator
import dev.simul.runLoop
import dev.simul.sleep
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.milliseconds

fun countdown(from: Int) =
    asyncGenerator<Int> {
        for (n in from downTo 1) {
            sleep(50.milliseconds)
            yield(n)
        }
    }

fun main() {
    runLoop {
        for (n in countdown(3)) println(n)
        println(countdown(10).filter { it % 2 == 0 }.take(3).toList())
    }
}
