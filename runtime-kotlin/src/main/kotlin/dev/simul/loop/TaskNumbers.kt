// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.atomic.AtomicInteger

/**
 * Numbers, from 1 on, that no two loops of the process deal; for a higher layer to name things by.
 *
 * A loop that runs takes a block of them, since atomic operations are slow, and returns what is left when it stops: loops that run one
 * after the other leave no gap. For the loop's thread alone, unless the loop does not run.
 */
internal class TaskNumbers(
    private val loop: EventLoop,
) {
    private var next = 0
    private var end = 0

    fun next(): Int {
        if (next == end) {
            if (!loop.isRunning) return numbers.getAndIncrement()
            next = numbers.getAndAdd(BLOCK)
            end = next + BLOCK
        }
        return next++
    }

    /** The loop stops. If another one has taken numbers meanwhile, the rest of the block is lost. */
    fun returnRest() {
        if (next != end) numbers.compareAndSet(end, next)
        next = end
    }

    private companion object {
        const val BLOCK = 64
        val numbers = AtomicInteger(1)
    }
}
