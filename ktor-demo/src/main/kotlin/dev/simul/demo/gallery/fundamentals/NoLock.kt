// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration

private class Counter(
    var count: Int = 0,
)

private suspend fun increment(counter: Counter) {
    repeat(10) {
        counter.count += 1
        sleep(Duration.ZERO)
    }
}

private suspend fun incrementAcrossAwait(counter: Counter) {
    repeat(10) {
        val count = counter.count
        sleep(Duration.ZERO)
        counter.count = count + 1
    }
}

internal fun noLock() =
    run {
        val safe = Counter()
        gather(List(100) { coroutine { increment(safe) } }).await()
        println("counted between awaits: ${safe.count}")
        val unsafe = Counter()
        gather(List(100) { coroutine { incrementAcrossAwait(unsafe) } }).await()
        println("counted across awaits: ${unsafe.count}")
    }
