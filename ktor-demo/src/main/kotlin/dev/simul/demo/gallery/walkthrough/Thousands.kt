// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.createTask
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

internal fun thousands() =
    run {
        val start = perfCounter()
        val tasks = List(10_000) { createTask { sleep(1.seconds) } }
        gather(tasks).await()
        val elapsed = perfCounter() - start
        println("${tasks.size} tasks slept for a second each, in %.2f seconds.".format(elapsed))
    }
