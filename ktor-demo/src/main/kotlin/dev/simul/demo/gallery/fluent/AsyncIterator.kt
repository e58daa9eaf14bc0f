// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncIterator
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private class Countdown(
    private var left: Int,
) : AsyncIterator<Int> {
    operator fun iterator() = this

    override suspend fun hasNext(): Boolean {
        if (left == 0) return false
        sleep(1.seconds)
        return true
    }

    override fun next(): Int = left--
}

private fun countdown(n: Int) =
    asyncGenerator<Int> {
        for (left in n downTo 1) {
            sleep(1.seconds)
            yield(left)
        }
    }

internal fun asyncIterator() =
    run {
        for (left in Countdown(3)) println("a class: $left")
        for (left in countdown(3)) println("a generator: $left")
    }
