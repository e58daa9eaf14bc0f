package dev.simul.loop

/** The callbacks that are ready to run, first in, first out: a ring that doubles when it is full. */
internal class ReadyQueue {
    private var ring = arrayOfNulls<Callback>(64)
    private var head = 0

    var size: Int = 0
        private set

    fun isEmpty(): Boolean = size == 0

    fun add(callback: Callback) {
        if (size == ring.size) grow()
        ring[(head + size) and (ring.size - 1)] = callback
        size++
    }

    fun remove(): Callback {
        val callback = ring[head]!!
        ring[head] = null
        head = (head + 1) and (ring.size - 1)
        size--
        return callback
    }

    /** Refuses callbacks from now on, and returns those that it has. */
    fun close(): List<Callback> {
        val left = List(size) { remove() }
        ring = emptyArray()
        head = 0
        return left
    }

    private fun grow() {
        check(ring.isNotEmpty()) { "Event loop is closed" }
        val larger = arrayOfNulls<Callback>(ring.size * 2)
        ring.copyInto(larger, 0, head)
        ring.copyInto(larger, ring.size - head, 0, head)
        ring = larger
        head = 0
    }
}
