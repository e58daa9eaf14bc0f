// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.topic.ITopic
import dev.simul.generators.AsyncGenerator
import dev.simul.loop.getRunningLoop

/** A topic that sends each message once, and keeps none. */
internal class EventTopic<T : Any>(
    private val cluster: Cluster,
    private val topic: ITopic<T>,
) : Topic<T> {
    override val name: String get() = topic.name

    override suspend fun publish(message: T) {
        cluster.checkCall()
        // Hazelcast's publishAsync blocks, too: now and then until the others have taken all that was sent.
        cluster.sendInOrder { topic.publish(message) }
    }

    override suspend fun messages(buffer: Int): AsyncGenerator<T, Nothing> {
        val arrivals = Arrivals<T>(getRunningLoop(), buffer, "$this")
        return cluster.listening(arrivals) {
            val id = topic.addMessageListener { arrivals.offer(it.messageObject) }
            return@listening { topic.removeMessageListener(id) }
        }
    }

    override fun toString(): String = "topic $name"
}
