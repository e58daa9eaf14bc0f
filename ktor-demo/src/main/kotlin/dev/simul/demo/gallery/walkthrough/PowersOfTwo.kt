// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.seconds

internal fun powersOfTwo(stop: Int = 10): AsyncGenerator<Int, Nothing> =
    asyncGenerator {
        var exponent = 0
        while (exponent < stop) {
            yield(1 shl exponent)
            exponent += 1
            sleep(0.2.seconds) // some asynchronous work
        }
    }

internal fun powersOfTwo() =
    run {
        val g = mutableListOf<Int>()
        for (i in powersOfTwo(5)) g += i
        println(g)
        val f = powersOfTwo(5).filter { it / 3 % 5 == 0 }.toList()
        println(f)
    }
