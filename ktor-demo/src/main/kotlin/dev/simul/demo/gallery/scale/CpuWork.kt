// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.runInExecutor
import dev.simul.setDefaultExecutor
import dev.simul.sleep
import dev.simul.toThread
import dev.simul.wrapFuture
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ForkJoinPool
import kotlin.time.Duration

private fun isPrime(number: Int): Boolean = number > 1 && (2..number / 2).none { number % it == 0 }

/** A computation without an end, which looks now and then whether it was told to stop. */
private fun search(
    begun: CompletableFuture<Unit>,
    stopped: CompletableFuture<Unit>,
) {
    begun.complete(Unit)
    while (!Thread.interrupted()) isPrime(9_973)
    stopped.complete(Unit)
}

internal fun cpuWork() =
    run {
        val loop = getRunningLoop()
        val pool = ForkJoinPool(2)
        loop.setDefaultExecutor(pool) // Which the loop shuts down when it closes.

        var turns = 0
        val ticker =
            createTask {
                while (true) {
                    turns++
                    sleep(Duration.ZERO)
                }
            }
        val batches = (1..10_000).chunked(1_000)
        val counts = gather(batches.map { batch -> loop.runInExecutor(pool) { batch.count(::isPrime) } }).await()
        ticker.cancel()
        println("$counts: ${counts.sum()} primes below 10,000")
        println(if (turns > 0) "the loop has gone on meanwhile" else "the loop has stopped meanwhile")

        val begun = CompletableFuture<Unit>()
        val stopped = CompletableFuture<Unit>()
        val search = createTask { toThread(interruptOnCancel = true) { search(begun, stopped) } }
        wrapFuture(begun).await()
        search.cancel()
        try {
            search.await()
        } catch (_: CancelledException) {
            println("nobody waits for the search")
        }
        wrapFuture(stopped).await()
        println("and it has stopped")
    }
