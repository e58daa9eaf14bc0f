// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import dev.simul.sync.Semaphore
import kotlin.time.Duration.Companion.seconds

private suspend fun worker(
    sem: Semaphore,
    num: Int,
) {
    sem.use {
        println("Worker $num is running")
        sleep(1.seconds)
        println("Worker $num is done")
    }
}

internal fun semaphoreWorkers() {
    run {
        val sem = Semaphore(3) // at most 3 at once
        val workers = List(10) { i -> coroutine { worker(sem, i) } }
        gather(workers).await()
    }
}
