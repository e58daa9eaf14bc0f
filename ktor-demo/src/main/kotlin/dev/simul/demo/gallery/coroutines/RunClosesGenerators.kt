// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private fun lines(): AsyncGenerator<String, Nothing> =
    asyncGenerator {
        try {
            for (number in 1..9) yield("line $number")
        } finally {
            sleep(1.seconds)
            println("the generator is closed")
        }
    }

private suspend fun main(lines: AsyncGenerator<String, Nothing>) {
    println(lines.anext())
    println("main ends")
}

internal fun runClosesGenerators() {
    val lines = lines()
    run { main(lines) }
    println("run ends")
}
