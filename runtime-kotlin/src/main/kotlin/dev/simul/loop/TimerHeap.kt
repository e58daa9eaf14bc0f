// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/** An entry of the [TimerHeap]: due at [deadlineNanos]; timers with equal deadlines are ordered by [sequence]. */
internal abstract class Timer(
    private val loop: EventLoop,
    final override val deadlineNanos: Long,
) : TimerHandle(),
    Callback {
    var sequence: Long = 0

    /** Whether it is in the heap, and so counts there when it is cancelled. */
    var scheduled: Boolean = false

    var isCancelled: Boolean = false
        private set

    final override fun cancelled(): Boolean = isCancelled

    override val context: Context get() = loop.emptyContext

    override fun cancel() {
        if (isCancelled) return
        if (loop.debug) loop.checkThread("cancel of a timer")
        isCancelled = true
        if (scheduled) loop.cancelled(this)
    }

    fun isBefore(other: Timer): Boolean =
        deadlineNanos < other.deadlineNanos || (deadlineNanos == other.deadlineNanos && sequence < other.sequence)

    final override fun run() {
        if (!isCancelled) fire()
    }

    protected abstract fun fire()
}

/** The handle of `callLater` and `callAt`. */
internal class CallbackTimer(
    private val loop: EventLoop,
    deadlineNanos: Long,
    override val context: Context,
    private var callback: (() -> Unit)?,
) : Timer(loop, deadlineNanos) {
    private val origin = loop.debugOrigin()

    override fun cancel() {
        super.cancel()
        callback = null
    }

    override fun fire() {
        val callback = callback ?: return
        loop.runCallback(this, context, origin, callback)
    }
}

/**
 * Timers by deadline: a binary heap.
 *
 * An error may strike at any call, and must neither lose nor duplicate a timer: so a change first finds the places, and then only stores
 * references.
 *
 * A cancelled timer in the last place leaves at once; another one stays until it reaches the top, or until more than half of more than a
 * hundred are cancelled.
 */
internal class TimerHeap {
    private var heap = arrayOfNulls<Timer>(16)
    private var nextSequence = 0L
    private var cancelledCount = 0

    var size: Int = 0
        private set

    /** How many of them are not cancelled. */
    val live: Int get() = (size - cancelledCount).coerceAtLeast(0)

    fun isEmpty(): Boolean = size == 0

    fun first(): Timer = heap[0]!!

    fun add(timer: Timer) {
        if (size == heap.size) heap = heap.copyOf(size * 2)
        timer.sequence = nextSequence++
        val place = placeAbove(size, timer)
        timer.scheduled = true
        insert(timer, place, size)
        size++
    }

    fun removeFirst(): Timer {
        val first = heap[0]!!
        val end = size - 1
        val last = heap[end]!!
        val place = placeBelow(0, last, end)
        first.scheduled = false
        replace(0, last, place)
        heap[end] = null
        size = end
        return first
    }

    /** [timer], which is in the heap, was cancelled. The last place can be left at once: a timeout that was entered last is there. */
    fun cancelled(timer: Timer) {
        val end = size - 1
        if (end < 0 || heap[end] !== timer) {
            cancelledCount++
            return
        }
        timer.scheduled = false
        size = end
        heap[end] = null
    }

    fun dropCancelled() {
        if (cancelledCount == 0) return
        if (size > MIN_SCHEDULED && cancelledCount.toDouble() / size > MIN_CANCELLED_FRACTION) {
            rebuild()
        } else {
            while (size > 0 && first().isCancelled) {
                removeFirst()
                cancelledCount--
            }
        }
    }

    /** Moves the timers that are due at [nowNanos] to [ready]. */
    fun moveDue(
        nowNanos: Long,
        ready: ReadyQueue,
    ) {
        while (size > 0 && first().deadlineNanos <= nowNanos) {
            val timer = first()
            val isCancelled = timer.isCancelled
            ready.add(timer)
            surely { removeFirst() }?.let { throw it }
            if (isCancelled) cancelledCount--
        }
    }

    /** The timers that are not cancelled, in no order. */
    fun pending(): List<Timer> = heap.take(size).filterNotNull().filterNot { it.isCancelled }

    /** Empties the heap, and returns the timers that were not cancelled. */
    fun clear(): List<Timer> {
        val left = pending()
        heap.fill(null)
        size = 0
        cancelledCount = 0
        return left
    }

    /** Keeps all timers until the end, the cancelled ones behind the others. */
    private fun rebuild() {
        var kept = 0
        for (i in 0 until size) {
            val timer = heap[i]!!
            if (timer.isCancelled) continue
            heap[i] = heap[kept]
            heap[kept++] = timer
        }
        for (i in kept / 2 - 1 downTo 0) {
            val timer = heap[i]!!
            replace(i, timer, placeBelow(i, timer, kept))
        }
        for (i in kept until size) heap[i]!!.scheduled = false
        heap.fill(null, kept, size)
        size = kept
        cancelledCount = 0
    }

    /** The place of [timer] on the way from [bottom] to the top. */
    private fun placeAbove(
        bottom: Int,
        timer: Timer,
    ): Int {
        var index = bottom
        while (index > 0) {
            val parentIndex = (index - 1) ushr 1
            if (!timer.isBefore(heap[parentIndex]!!)) break
            index = parentIndex
        }
        return index
    }

    /** The place of [timer] on the way from [top] to the bottom, among those before [end]. */
    private fun placeBelow(
        top: Int,
        timer: Timer,
        end: Int,
    ): Int {
        var index = top
        while (true) {
            var childIndex = 2 * index + 1
            if (childIndex >= end) break
            if (childIndex + 1 < end && heap[childIndex + 1]!!.isBefore(heap[childIndex]!!)) childIndex++
            if (!heap[childIndex]!!.isBefore(timer)) break
            index = childIndex
        }
        return index
    }

    /** Puts [timer] in [place]; moves those on the way from there to [bottom] one step down. */
    private fun insert(
        timer: Timer,
        place: Int,
        bottom: Int,
    ) {
        var index = bottom
        while (index > place) {
            val parentIndex = (index - 1) ushr 1
            heap[index] = heap[parentIndex]
            index = parentIndex
        }
        heap[place] = timer
    }

    /** Puts [timer] in [place]; moves those on the way from there to [top] one step up, which overwrites the top. */
    private fun replace(
        top: Int,
        timer: Timer,
        place: Int,
    ) {
        var index = place
        var moved: Timer? = timer
        while (true) {
            val there = heap[index]
            heap[index] = moved
            if (index == top) break
            moved = there
            index = (index - 1) ushr 1
        }
    }

    private companion object {
        const val MIN_SCHEDULED = 100
        const val MIN_CANCELLED_FRACTION = 0.5
    }
}
