// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.coroutine
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import dev.simul.sync.BoundedSemaphore
import dev.simul.sync.Semaphore
import kotlin.time.Duration.Companion.seconds

private suspend fun request(
    semaphore: Semaphore,
    number: Int,
    start: Double,
) = semaphore.use {
    println("%.0f s: request $number begins".format(perfCounter() - start))
    sleep(number.seconds)
}

internal fun semaphores() =
    run {
        val start = perfCounter()
        val semaphore = Semaphore(2)
        gather((1..4).map { number -> coroutine { request(semaphore, number, start) } }).await()

        semaphore.release()
        println("a Semaphore of 2 lets in ${permits(semaphore)} now")

        val bounded = BoundedSemaphore(2)
        try {
            bounded.release()
        } catch (e: IllegalArgumentException) {
            println(e.message)
        }
        println("a BoundedSemaphore of 2 lets in ${permits(bounded)} still")
    }

private suspend fun permits(semaphore: Semaphore): Int {
    var permits = 0
    while (!semaphore.locked()) {
        semaphore.acquire()
        permits++
    }
    return permits
}
