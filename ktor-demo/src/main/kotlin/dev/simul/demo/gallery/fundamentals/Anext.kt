// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private fun twoItems(): AsyncGenerator<String, Nothing> =
    asyncGenerator {
        sleep(1.seconds)
        yield("first")
        sleep(1.seconds)
        yield("second")
    }

internal fun anext() =
    run {
        val items = twoItems()
        println(items.anext())
        println(items.anext())
        println(items.anext("no more"))
    }
