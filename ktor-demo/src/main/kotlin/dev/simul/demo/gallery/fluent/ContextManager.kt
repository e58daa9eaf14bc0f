// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.AsyncContextManager
import dev.simul.demo.gallery.run
import dev.simul.sleep
import dev.simul.use
import kotlin.time.Duration.Companion.milliseconds

private class MyAsyncContextManager(
    val name: String,
) : AsyncContextManager<MyAsyncContextManager> {
    override suspend fun aenter(): MyAsyncContextManager {
        println("[ASYNC] Entering context: $name")
        sleep(100.milliseconds)
        return this
    }

    override suspend fun aexit(exception: Throwable?): Boolean {
        println("[ASYNC] Exiting context: $name")
        sleep(50.milliseconds)
        return false
    }
}

internal fun contextManager() =
    run {
        MyAsyncContextManager("MyResource").use { ctx ->
            val x = 42
            val message = "Hello from ${ctx.name}"
            val result = x * 2
            println(message)
            println("Result: $result")
        }
    }
