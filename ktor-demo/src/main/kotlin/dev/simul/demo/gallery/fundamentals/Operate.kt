// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun operate(
    time: Int,
    result: Int,
): Int {
    println("Spending $time seconds doing operations ...")
    sleep(time.seconds)
    println("Operations done after $time seconds!")
    return result
}

internal fun operate() =
    run {
        val (x, y) = gather({ operate(5, 42) }, { operate(2, 23) }).await()
        println("Got x=$x, y=$y")
        check(x == 42)
        check(y == 23)
    }
