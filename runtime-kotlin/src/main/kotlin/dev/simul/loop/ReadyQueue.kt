package dev.simul.loop

/**
 * The callbacks that are ready to run, first in, first out: a ring that doubles when it is full.
 *
 * Storing references is most of what a turn costs where one or two tasks take turns. So a small ring keeps what has left it, until
 * something else comes to its place or [forget] is called: what comes back to its place need not be stored again.
 */
internal class ReadyQueue {
    private var ring = arrayOfNulls<Callback>(SMALL)
    private var head = 0

    /** How many places before the head may keep what has left. */
    private var kept = 0

    var size: Int = 0
        private set

    fun isEmpty(): Boolean = size == 0

    fun add(callback: Callback) {
        if (size == ring.size) grow()
        val ring = ring
        val place = (head + size) and (ring.size - 1)
        if (ring[place] !== callback) ring[place] = callback
        size++
    }

    fun remove(): Callback {
        val ring = ring
        val callback = ring[head]!!
        if (ring.size > SMALL) {
            ring[head] = null
        } else if (kept < SMALL) {
            kept++
        }
        head = (head + 1) and (ring.size - 1)
        size--
        return callback
    }

    /** Forgets what has left. */
    fun forget() {
        val places = minOf(kept, ring.size - size)
        for (back in 1..places) ring[(head - back) and (ring.size - 1)] = null
        kept = 0
    }

    /** Refuses callbacks from now on, and returns those that it has. */
    fun close(): List<Callback> {
        val left = List(size) { remove() }
        ring = emptyArray()
        head = 0
        kept = 0
        return left
    }

    private fun grow() {
        check(ring.isNotEmpty()) { "Event loop is closed" }
        val larger = arrayOfNulls<Callback>(ring.size * 2)
        ring.copyInto(larger, 0, head)
        ring.copyInto(larger, ring.size - head, 0, head)
        ring = larger
        head = 0
        kept = 0
    }

    private companion object {
        const val SMALL = 64
    }
}
