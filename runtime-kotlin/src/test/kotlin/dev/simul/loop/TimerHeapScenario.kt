// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import kotlin.random.Random

/** Timers come, are cancelled and go, while an error strikes. */
object TimerHeapScenario {
    private class NumberedTimer(
        loop: EventLoop,
        val number: Int,
    ) : Timer(loop, number.toLong()) {
        override fun fire() {}
    }

    /** Returns the numbers of the timers that should have come out, and of those that did. */
    @JvmStatic
    fun run(
        arm: Runnable,
        disarm: Runnable,
    ): Pair<List<Int>, List<Int>> {
        val loop = EventLoop()
        val heap = TimerHeap()
        val ready = ReadyQueue()
        val timers = (0 until 120).map { NumberedTimer(loop, it) }.shuffled(Random(1))
        val added = ArrayList<NumberedTimer>()
        timers.take(115).forEach { added += it.also(heap::add) }
        added.take(70).forEach {
            it.cancel()
            heap.cancelled(it)
        }
        arm.run()
        try {
            timers.drop(115).forEach { added += it.also(heap::add) }
            added.sortedByDescending { it.number }.take(10).filterNot { it.cancelled() }.forEach {
                it.cancel()
                heap.cancelled(it)
            }
            heap.dropCancelled()
            heap.moveDue(60, ready)
        } catch (_: StackOverflowError) {
            // What has been begun is done again.
        }
        disarm.run()
        heap.dropCancelled()
        heap.moveDue(119, ready)
        val gone = List(ready.size) { ready.remove() as NumberedTimer }.filterNot { it.cancelled() }
        loop.close()
        return added.filterNot { it.cancelled() }.map { it.number }.sorted() to gone.map { it.number }
    }
}
