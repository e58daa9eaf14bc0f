// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.Time
import dev.simul.demo.gallery.run
import dev.simul.generators.ContextManager
import dev.simul.generators.use
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private class MyContextManager(
    val name: String,
) : ContextManager<MyContextManager> {
    override fun enter(): MyContextManager {
        println("[SYNC] Entering context: $name")
        Time.sleep(1.seconds)
        return this
    }

    override fun exit(exception: Throwable?): Boolean {
        println("[SYNC] Exiting context: $name")
        Time.sleep(1.seconds)
        return false
    }
}

internal fun blockingContextManager() =
    run {
        MyContextManager("MyResource").use { ctx ->
            println("in with block")
            val message = "Hello from ${ctx.name}"
            sleep(1.seconds)
            println(message)
        }
    }
