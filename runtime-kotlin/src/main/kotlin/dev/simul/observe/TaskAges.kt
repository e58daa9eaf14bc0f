// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.loop.EventLoop

/**
 * Since when the tasks of a loop are there. A task with a name has the observer's time of its creation, where it has room for it. The others
 * have nothing but their numbers, which grow: samples of the latest number tell before which time a task was made.
 *
 * Of the samples, [MOST] are kept, the more the younger they are: a tenth of an age may be missing, or a sample's period.
 */
internal class TaskAges(
    private val loop: EventLoop,
) {
    private var times = LongArray(FEW)

    /** How many numbers were taken by then, from the first sample on: unlike the numbers, it does not overflow. */
    private var counts = LongArray(FEW)
    private var size = 0
    private var lastNumber = 0

    /** Takes a sample, at [now] by the machine's clock. */
    @Synchronized
    fun sample(now: Long) {
        val number = loop.taskNumbers.latest
        val last = size - 1
        if (last >= 0 && (number - lastNumber <= 0 || now - times[last] < SHORTEST_NANOS)) return
        if (size == MOST) dropOne(now)
        if (size == times.size) grow()
        counts[size] = if (last < 0) 0 else counts[size - 1] + (number - lastNumber)
        times[size] = now
        lastNumber = number
        size++
    }

    /** Most loops are short-lived, and many may be. */
    private fun grow() {
        times = times.copyOf(MOST)
        counts = counts.copyOf(MOST)
    }

    /** The one that is missed the least, as the gap without it is the smallest for its age. */
    private fun dropOne(now: Long) {
        val least = (1 until size - 1).minBy { (times[it + 1] - times[it - 1]).toDouble() / (now - times[it]) }
        for (array in listOf(times, counts)) array.copyInto(array, least, least + 1, size)
        size--
    }

    /** For how many nanoseconds [task] has been there at [now], at least; -1 if that is not known. */
    fun of(
        task: Task<*>,
        now: Long,
    ): Long =
        when {
            task.number != 0 -> sinceSampled(task.number, now)
            task.madeAtTick != 0 -> (now - Observer.timeOf(task.madeAtTick)).coerceAtLeast(0)
            else -> -1
        }

    @Synchronized
    private fun sinceSampled(
        number: Int,
        now: Long,
    ): Long {
        if (size == 0) return -1
        val count = counts[size - 1] - (lastNumber - number)
        if (count > counts[size - 1]) return 0 // It was made since the last sample.
        var first = 0
        var last = size - 1
        while (first < last) {
            val middle = (first + last) / 2
            if (counts[middle] >= count) last = middle else first = middle + 1
        }
        return (now - times[first]).coerceAtLeast(0)
    }

    private companion object {
        const val FEW = 4
        const val MOST = 256
        const val SHORTEST_NANOS = 20_000_000L
    }
}
