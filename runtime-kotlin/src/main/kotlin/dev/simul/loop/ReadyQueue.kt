// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * The callbacks that are ready to run, first in, first out: a small ring, and chunks for those that do not fit.
 *
 * Storing references is most of the cost of a turn. If few callbacks take turns, they come back to their old places in the ring, which
 * keeps removed references until they are overwritten or [forget] is called: so they need not be stored again. Chunks are young objects, as
 * callbacks are; storing a young object in an old one costs most. When few callbacks are left in the chunks, they go to the ring again.
 */
internal class ReadyQueue {
    private val ring = arrayOfNulls<Callback>(ROOM)

    /** Counts on; its remainder is the place of the first callback in the ring. */
    private var head = 0
    private var inRing = 0

    /** How many places before the head may keep removed callbacks. */
    private var kept = 0

    /** The callbacks added since the ring was full. */
    private var firstChunk: Chunk? = null
    private var lastChunk: Chunk? = null
    private var begin = 0
    private var end = 0
    private var inChunks = 0

    private var isClosed = false

    val size: Int get() = inRing + inChunks

    /** Grows with each callback that is removed. */
    val position: Int get() = head + begin

    fun isEmpty(): Boolean = size == 0

    fun add(callback: Callback) {
        if (inChunks > 0 || inRing == ROOM || isClosed) return addToChunks(callback)
        addToRing(callback)
    }

    @Suppress("NOTHING_TO_INLINE") // It is deep in the stack that the JIT compiles as one.
    private inline fun addToRing(callback: Callback) {
        val place = (head + inRing) and (ROOM - 1)
        if (ring[place] !== callback) ring[place] = callback
        inRing++
    }

    fun remove(): Callback {
        if (inRing == 0) {
            if (begin > 0 || inChunks > FEW) return removeFromChunks()
            moveToRing()
        }
        val callback = ring[head and (ROOM - 1)]!!
        if (kept < ROOM) kept++
        head++
        inRing--
        return callback
    }

    /** Lets [arrange] change the order of the callbacks. */
    inline fun rearrange(arrange: (MutableList<Callback>) -> Unit) {
        val all = ArrayList<Callback>(size)
        while (!isEmpty()) all += remove()
        try {
            arrange(all)
        } finally {
            all.forEach(::add)
        }
    }

    /** Replaces [callback] by one that does nothing. */
    fun cancel(callback: Callback) {
        for (place in 0 until inRing) ring.replace((head + place) and (ROOM - 1), callback)
        var chunk = firstChunk
        while (chunk != null) {
            for (place in 0 until ROOM) chunk.callbacks.replace(place, callback)
            chunk = chunk.next
        }
    }

    private fun Array<Callback?>.replace(
        place: Int,
        callback: Callback,
    ) {
        if (this[place] === callback) this[place] = Nothing
    }

    private object Nothing : Callback {
        override fun run() {}
    }

    private fun moveToRing() {
        while (inChunks > 0) {
            addToRing(firstChunk!!.callbacks[begin]!!)
            removeFromChunks()
        }
    }

    private fun addToChunks(callback: Callback) {
        check(!isClosed) { "Event loop is closed" }
        val chunk = lastChunk?.takeIf { end < ROOM } ?: appendChunk()
        chunk.callbacks[end++] = callback
        inChunks++
    }

    private fun appendChunk(): Chunk {
        val chunk = Chunk()
        val before = lastChunk
        if (before == null) firstChunk = chunk else before.next = chunk
        lastChunk = chunk
        end = 0
        return chunk
    }

    private fun removeFromChunks(): Callback {
        val callback = firstChunk!!.callbacks[begin++]!!
        inChunks--
        if (begin == ROOM || inChunks == 0) dropChunk()
        return callback
    }

    /** The first chunk is used up. Its link is cut, since an old object would keep the next one from being collected. */
    private fun dropChunk() {
        val used = firstChunk!!
        firstChunk = used.next
        used.next = null
        if (firstChunk == null) lastChunk = null
        begin = 0
        head += ROOM // The same place of the ring.
    }

    /** Forgets the removed callbacks. */
    fun forget() {
        for (back in 1..minOf(kept, ROOM - inRing)) ring[(head - back) and (ROOM - 1)] = null
        kept = 0
        firstChunk?.callbacks?.fill(null, 0, begin)
    }

    /** Refuses callbacks from now on, and returns those in the queue. */
    fun close(): List<Callback> {
        val left = List(size) { remove() }
        forget()
        isClosed = true
        return left
    }

    private class Chunk {
        val callbacks = arrayOfNulls<Callback>(ROOM)
        var next: Chunk? = null
    }

    private companion object {
        const val ROOM = 64
        const val FEW = ROOM / 2
    }
}
