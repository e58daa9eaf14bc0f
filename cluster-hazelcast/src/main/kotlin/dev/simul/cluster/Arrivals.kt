// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.loop.EventLoop
import dev.simul.sync.Event

/**
 * What arrives in Hazelcast's threads for one task of [loop], which must not be blocked: once [capacity] items wait, all later ones are lost.
 */
internal class Arrivals<T : Any>(
    private val loop: EventLoop,
    private val capacity: Int,
    private val what: String,
) {
    private val arrived = Event()

    /** Guarded by this. */
    private val items = ArrayDeque<T>()
    private var lost = 0L
    private var hasEnded = false
    private var isAsleep = false

    init {
        require(capacity > 0) { "buffer is $capacity: it must be positive" }
    }

    /** Takes an item, in any thread. */
    fun offer(item: T) {
        synchronized(this) {
            if (hasEnded) return
            // After a gap, nothing: who reads on would take it for all there was.
            if (lost > 0 || items.size == capacity) lost++ else items.addLast(item)
            if (!isAsleep) return
            isAsleep = false
        }
        wake()
    }

    /** Nothing more will arrive. */
    fun end() {
        synchronized(this) {
            hasEnded = true
            if (!isAsleep) return
            isAsleep = false
        }
        wake()
    }

    private fun wake() {
        try {
            loop.callSoonThreadsafe { arrived.set() }
        } catch (_: IllegalStateException) {
            // The loop is closed, and so is the generator.
        }
    }

    /** The next item; null after the last one. @throws MessagesLostException where some were lost. */
    suspend fun take(): T? {
        while (true) {
            synchronized(this) {
                items.removeFirstOrNull()?.let { return it }
                if (lost > 0) throw MessagesLostException(tooSlow(), lost)
                if (hasEnded) return null
                isAsleep = true
                arrived.clear()
            }
            arrived.wait()
        }
    }

    private fun tooSlow() =
        "the reader of $what was too slow: its buffer of $capacity was full, and $lost were lost; read faster, or set buffer"
}
