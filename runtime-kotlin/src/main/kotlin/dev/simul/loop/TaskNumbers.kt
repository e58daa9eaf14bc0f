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
    private var numbers = ofProcess
    private var next = 0
    private var end = 0

    /** The last number that was taken; another thread's answer may be a moment old. */
    val latest: Int get() = next - 1

    fun next(): Int {
        if (next == end) {
            val count = if (loop.isRunning) BLOCK else 1
            next = numbers.getAndAdd(count)
            end = next + count
        }
        return next++
    }

    /** From 1 on, whatever other loops do: their names are to be the same in each run. */
    fun startAnew() {
        numbers = AtomicInteger(1)
    }

    /** The loop stops. If another loop has taken numbers meanwhile, the rest of the block is lost. */
    fun returnRest() {
        if (next != end) numbers.compareAndSet(end, next)
        end = next
    }

    private companion object {
        const val BLOCK = 64
        val ofProcess = AtomicInteger(1)
    }
}
