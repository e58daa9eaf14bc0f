// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.createTask
import dev.simul.demo.gallery.Time.time
import dev.simul.demo.gallery.run
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun oneCoro(): Int {
    println("coro started ${time()}")
    sleep(2.seconds)
    println("coro ended ${time()}")
    return 10
}

internal fun taskUnawaited() =
    run {
        createTask { oneCoro() }
        println("task created ${time()}")
        // The loop runs the task, though nobody awaits it.
        sleep(5.seconds)
        println("main ended ${time()}")
    }
