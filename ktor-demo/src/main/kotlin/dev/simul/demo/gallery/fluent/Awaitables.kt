// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.Awaitable
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private class Doorbell : Awaitable<String> {
    override suspend fun await(): String = sleep(1.seconds, "an object with an await of its own")
}

internal fun awaitables() =
    run {
        val future = getRunningLoop().createFuture<String>()
        getRunningLoop().callLater(1.seconds) { future.setResult("a future") }
        val awaitables =
            listOf(
                coroutine { sleep(1.seconds, "a coroutine") },
                createTask { sleep(1.seconds, "a task") },
                future,
                Doorbell(),
            )
        for (awaitable in awaitables) println(awaitable.await())
    }
