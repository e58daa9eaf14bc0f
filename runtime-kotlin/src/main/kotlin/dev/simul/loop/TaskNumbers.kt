// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.atomic.AtomicInteger

/**
 * Numbers from 1 on, unique among the loops of the process, by which a higher layer names things.
 *
 * A running loop takes a block of them, since atomic operations are slow, and returns the rest when it stops: loops that run one after the
 * other leave no gap. Only the loop's thread uses it, unless the loop does not run.
 */
internal class TaskNumbers(
    private val loop: EventLoop,
) {
    /** The number that follows those which the loop has taken, but for what other loops take; another thread's may be a moment old. */
    var next: Int = 0
        private set
    private var end = 0

    fun next(): Int {
        if (next == end) {
            if (!loop.isRunning) return takeOne()
            next = numbers.getAndAdd(BLOCK)
            end = next + BLOCK
        }
        return next++
    }

    private fun takeOne(): Int {
        val number = numbers.getAndIncrement()
        next = number + 1
        end = next
        return number
    }

    /** The loop stops. If another loop has taken numbers meanwhile, the rest of the block is lost. */
    fun returnRest() {
        if (next != end) numbers.compareAndSet(end, next)
        end = next
    }

    private companion object {
        const val BLOCK = 64
        val numbers = AtomicInteger(1)
    }
}
