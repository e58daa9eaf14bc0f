// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.generators.AsyncGenerator

/**
 * Messages by name, from any member to all that listen; see [Cluster.topic] and [Cluster.reliableTopic], which promise different things.
 *
 * Messages are what Hazelcast can serialize: numbers, strings, arrays, records and data classes of such, and what is `Serializable`.
 *
 * asyncio has no equivalent.
 */
public interface Topic<T : Any> {
    /** The name by which other members find it. */
    public val name: String

    /**
     * Sends [message] to all that listen now.
     *
     * Cancelling the task ends the wait; the message may be sent all the same.
     *
     * @throws IllegalStateException if the cluster is closed.
     */
    public suspend fun publish(message: T)

    /**
     * Listens from the return of this on: a generator of the messages, for a `for` loop or as a `Flow`.
     *
     * It has to be closed, which removes the listener: by a failure or a cancellation, also of a single `anext`, by the end of `collect`, or by
     * [dev.simul.aclosing]. When the cluster is closed, it ends.
     *
     * @param buffer how many messages wait for a slow reader, at most.
     * @throws IllegalArgumentException if [buffer] is not positive.
     * @throws IllegalStateException if the cluster is closed.
     */
    public suspend fun messages(buffer: Int = 1_024): AsyncGenerator<T, Nothing>
}
