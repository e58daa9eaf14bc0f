// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private fun aiterator(): AsyncGenerator<Int, Nothing> =
    asyncGenerator {
        for (i in 0..<5) {
            sleep(i.seconds)
            yield(i)
        }
    }

internal fun aiteratorLoop() =
    run {
        for (x in aiterator()) {
            println(x)
        }
    }
