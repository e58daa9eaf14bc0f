// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Colors.color
import dev.simul.demo.gallery.Random
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private val COLORS =
    listOf(
        "\u001b[0m", // end of color
        "\u001b[36m", // cyan
        "\u001b[91m", // red
        "\u001b[35m", // magenta
    )

private suspend fun makerandom(
    delay: Int,
    threshold: Int = 6,
): Int {
    val color = color(COLORS[delay])
    println("${color}Initiated makerandom($delay).")
    var number = Random.randint(0, 10)
    while (number <= threshold) {
        println("${color}makerandom($delay) == $number too low; retrying.")
        sleep(delay.seconds)
        number = Random.randint(0, 10)
    }
    println("$color---> Finished: makerandom($delay) == $number" + color(COLORS[0]))
    return number
}

internal fun makerandom() {
    Random.seed(444)
    val (r1, r2, r3) = run { gather({ makerandom(1, 9) }, { makerandom(2, 8) }, { makerandom(3, 8) }).await() }
    println()
    println("r1: $r1, r2: $r2, r3: $r3")
}
