// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.core.HazelcastInstanceNotActiveException
import com.hazelcast.ringbuffer.OverflowPolicy
import com.hazelcast.ringbuffer.ReadResultSet
import com.hazelcast.ringbuffer.Ringbuffer
import dev.simul.generators.AsyncGenerator
import dev.simul.wrapFuture

/** A topic that keeps its last messages in a ring buffer, which each reader reads at its own pace. */
internal class KeptTopic<T : Any>(
    private val cluster: Cluster,
    private val ring: Ringbuffer<T>,
) : Topic<T> {
    override val name: String get() = ring.name

    override suspend fun publish(message: T) {
        cluster.checkCall()
        wrapFuture(ring.addAsync(message, OverflowPolicy.OVERWRITE)).await()
    }

    override suspend fun messages(buffer: Int): AsyncGenerator<T, Nothing> {
        require(buffer > 0) { "buffer is $buffer: it must be positive" }
        cluster.checkCall()
        return begun {
            var next = offLoop { ring.tailSequence() } + 1
            yield(null)
            while (true) {
                val read = readFrom(next, minOf(buffer, MOST_AT_ONCE)) ?: break
                for (message in read) yield(message)
                next = read.nextSequenceToReadFrom
            }
        }
    }

    /** Null once the cluster is closed. */
    private suspend fun readFrom(
        next: Long,
        most: Int,
    ): ReadResultSet<T>? {
        val read =
            try {
                wrapFuture(ring.readManyAsync(next, 1, most, null)).await()
            } catch (e: HazelcastInstanceNotActiveException) {
                if (cluster.isOpen) throw e
                return null
            }
        checkNothingLost(next, read.getSequence(0))
        return read
    }

    /** Where there is no message [next], Hazelcast goes on at the oldest that it has, or at the first that a new ring gets. */
    private fun checkNothingLost(
        next: Long,
        first: Long,
    ) {
        val lost = first - next
        if (lost > 0) {
            throw MessagesLostException(
                "the reader of $this was too slow: $lost messages are no longer kept; read faster, or keep more",
                lost,
            )
        }
        if (lost < 0) {
            throw MessagesLostException(
                "the members that kept messages of $this are gone, and the messages with them; read anew by messages()",
                -1,
            )
        }
    }

    override fun toString(): String = "reliable topic $name"

    private companion object {
        /** Hazelcast gives out no more. */
        const val MOST_AT_ONCE = 1_000
    }
}
