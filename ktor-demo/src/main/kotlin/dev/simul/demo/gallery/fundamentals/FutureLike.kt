// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.Awaitable
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private class Later(
    private val result: Int,
) : Awaitable<Int> {
    override suspend fun await(): Int {
        sleep(1.seconds)
        return result
    }
}

internal fun futureLike() =
    run {
        println("Got ${Later(42).await()}")
    }
