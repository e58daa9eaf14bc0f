// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.AsyncContextManager
import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncIterator
import dev.simul.sleep
import dev.simul.use
import kotlin.time.Duration.Companion.seconds

private class Countdown(
    private var left: Int,
) : AsyncContextManager<Countdown> {
    override suspend fun aenter(): Countdown {
        println("enter")
        sleep(1.seconds)
        return this
    }

    override suspend fun aexit(exception: Throwable?): Boolean {
        sleep(1.seconds)
        println("exit")
        return false
    }

    operator fun iterator() =
        object : AsyncIterator<Int> {
            override suspend fun hasNext(): Boolean {
                if (left == 0) return false
                sleep(1.seconds)
                return true
            }

            override fun next(): Int = left--
        }
}

internal fun magicMethods() =
    run {
        Countdown(3).use { countdown ->
            for (i in countdown) {
                println(i)
            }
        }
    }
