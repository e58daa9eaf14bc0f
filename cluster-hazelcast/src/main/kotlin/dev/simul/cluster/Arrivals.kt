// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.loop.EventLoop
import dev.simul.wrapFuture
import java.util.concurrent.CompletableFuture

/**
 * What arrives in Hazelcast's threads for one task of [loop], which must not be blocked: once [capacity] items wait, all later ones are lost.
 */
internal class Arrivals<T : Any>(
    private val loop: EventLoop,
    private val capacity: Int,
    private val what: String,
) {
    /** Guarded by this. */
    private val items = ArrayDeque<T>()
    private var lost = 0L
    private var hasEnded = false
    private var sleeper: CompletableFuture<Unit>? = null

    init {
        require(capacity > 0) { "buffer is $capacity: it must be positive" }
    }

    /** Takes an item, in any thread. */
    fun offer(item: T) =
        change {
            when {
                hasEnded -> {}
                // After a gap, nothing: who reads on would take it for all there was.
                lost > 0 || items.size == capacity -> lost++
                else -> items.addLast(item)
            }
        }

    /** Nothing more will arrive. */
    fun end() = change { hasEnded = true }

    private inline fun change(change: () -> Unit) {
        val woken =
            synchronized(this) {
                change()
                sleeper.also { sleeper = null }
            }
        woken?.complete(Unit)
    }

    /** The next item; null after the last one. @throws MessagesLostException where some were lost. */
    suspend fun take(): T? {
        while (true) {
            val arrival =
                synchronized(this) {
                    items.removeFirstOrNull()?.let { return it }
                    if (lost > 0) throw MessagesLostException(tooSlow(), lost)
                    if (hasEnded) return null
                    CompletableFuture<Unit>().also { sleeper = it }
                }
            // Of other threads: a clock on virtual time waits for them.
            wrapFuture(arrival, loop).await()
        }
    }

    private fun tooSlow() =
        "the reader of $what was too slow: its buffer of $capacity was full, and $lost were lost; read faster, or set buffer"
}
