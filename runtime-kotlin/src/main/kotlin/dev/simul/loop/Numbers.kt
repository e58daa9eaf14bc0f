package dev.simul.loop

import java.util.concurrent.atomic.AtomicInteger

/**
 * Numbers, from 1 on, that no two loops of the process deal: those that tasks are named by.
 *
 * A loop that runs takes a block of them, since an atomic operation for each would cost a twentieth of a task, and gives back what is
 * left when it stops: loops that run one after the other leave no gap.
 */
internal class Numbers(
    private val loop: EventLoop,
) {
    private var next = 0
    private var end = 0

    fun deal(): Int {
        if (next == end) {
            if (!loop.isRunning) return numbers.getAndIncrement()
            next = numbers.getAndAdd(BLOCK)
            end = next + BLOCK
        }
        return next++
    }

    /** Another loop that has taken numbers meanwhile leaves a gap. */
    fun giveBack() {
        if (next != end) numbers.compareAndSet(end, next)
        next = end
    }

    private companion object {
        const val BLOCK = 64
        val numbers = AtomicInteger(1)
    }
}
