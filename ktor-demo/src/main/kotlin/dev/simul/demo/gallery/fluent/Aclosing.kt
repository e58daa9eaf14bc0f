// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.aclosing
import dev.simul.demo.gallery.run
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private fun page(name: String) =
    asyncGenerator<String> {
        try {
            for (number in 1..9) {
                sleep(1.seconds)
                yield("line $number of $name")
            }
        } finally {
            sleep(1.seconds)
            println("$name is closed")
        }
    }

internal fun aclosing() =
    run {
        aclosing(page("page one")) { lines ->
            for (line in lines) {
                println(line)
                break
            }
        }
        println("done with page one")

        val lines = page("page two")
        for (line in lines) {
            println(line)
            break
        }
        println("done with page two")
        lines.aclose()
    }
