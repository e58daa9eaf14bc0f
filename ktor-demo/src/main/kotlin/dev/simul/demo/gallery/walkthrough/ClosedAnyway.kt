// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.run
import dev.simul.generators.asyncContextManager
import dev.simul.sleep
import dev.simul.use
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

private fun session() =
    asyncContextManager {
        println("Session opened")
        try {
            yield("session")
        } finally {
            sleep(1.seconds)
            println("Session closed")
        }
    }

internal fun closedAnyway() =
    run {
        try {
            session().use { throw IOException("The request failed") }
        } catch (e: IOException) {
            println(e.message)
        }
    }
