package dev.simul.loop

import dev.simul.context.Context

/** An entry of the [TimerHeap]: due at [deadlineNanos], and among equals in the order of [sequence]. */
internal abstract class Timer(
    private val loop: EventLoop,
    final override val deadlineNanos: Long,
) : TimerHandle(),
    Callback {
    var sequence: Long = 0

    /** Whether it waits in the heap, and so counts there when it is cancelled. */
    var scheduled: Boolean = false

    final override var cancelled: Boolean = false
        private set

    override val context: Context get() = loop.emptyContext

    override fun cancel() {
        if (cancelled) return
        cancelled = true
        if (scheduled) loop.timerCancelled()
    }

    fun isBefore(other: Timer): Boolean =
        deadlineNanos < other.deadlineNanos || (deadlineNanos == other.deadlineNanos && sequence < other.sequence)

    final override fun run() {
        if (!cancelled) fire()
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
 * A cancelled timer stays until it reaches the top, or until more than half of more than a hundred are cancelled.
 */
internal class TimerHeap {
    private var heap = arrayOfNulls<Timer>(16)
    private var nextSequence = 0L
    private var cancelledCount = 0

    var size: Int = 0
        private set

    fun isEmpty(): Boolean = size == 0

    fun first(): Timer = heap[0]!!

    fun add(timer: Timer) {
        timer.sequence = nextSequence++
        timer.scheduled = true
        if (size == heap.size) heap = heap.copyOf(size * 2)
        siftUp(size++, timer)
    }

    fun removeFirst(): Timer {
        val first = heap[0]!!
        val last = heap[--size]!!
        heap[size] = null
        if (size > 0) siftDown(0, last)
        first.scheduled = false
        return first
    }

    fun countCancelled() {
        cancelledCount++
    }

    fun dropCancelled() {
        if (cancelledCount == 0) return
        if (size > MIN_SCHEDULED && cancelledCount.toDouble() / size > MIN_CANCELLED_FRACTION) {
            rebuild()
        } else {
            while (size > 0 && first().cancelled) {
                cancelledCount--
                removeFirst()
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
            ready.add(timer)
            if (timer.cancelled) cancelledCount--
            removeFirst()
        }
    }

    /** What is in the heap and not cancelled, in no order. */
    fun pending(): List<Timer> = heap.take(size).filterNotNull().filterNot { it.cancelled }

    /** Empties the heap, and returns what was in it and not cancelled. */
    fun clear(): List<Timer> {
        val left = pending()
        heap.fill(null)
        size = 0
        cancelledCount = 0
        return left
    }

    private fun rebuild() {
        var kept = 0
        for (i in 0 until size) {
            val timer = heap[i]!!
            if (timer.cancelled) timer.scheduled = false else heap[kept++] = timer
        }
        heap.fill(null, kept, size)
        size = kept
        cancelledCount = 0
        for (i in size / 2 - 1 downTo 0) siftDown(i, heap[i]!!)
    }

    private fun siftUp(
        from: Int,
        timer: Timer,
    ) {
        var index = from
        while (index > 0) {
            val parentIndex = (index - 1) ushr 1
            val parent = heap[parentIndex]!!
            if (!timer.isBefore(parent)) break
            heap[index] = parent
            index = parentIndex
        }
        heap[index] = timer
    }

    private fun siftDown(
        from: Int,
        timer: Timer,
    ) {
        var index = from
        while (true) {
            var childIndex = 2 * index + 1
            if (childIndex >= size) break
            if (childIndex + 1 < size && heap[childIndex + 1]!!.isBefore(heap[childIndex]!!)) childIndex++
            val child = heap[childIndex]!!
            if (!child.isBefore(timer)) break
            heap[index] = child
            index = childIndex
        }
        heap[index] = timer
    }

    private companion object {
        const val MIN_SCHEDULED = 100
        const val MIN_CANCELLED_FRACTION = 0.5
    }
}
