// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.core.HazelcastInstance
import com.hazelcast.core.HazelcastInstanceAware
import java.io.Serializable
import java.util.UUID
import java.util.concurrent.Callable

// What members send each other by Hazelcast's executors.

/** A work for [target] alone, under a number by which it can be cancelled: Hazelcast sends to an address, whoever has that now. */
internal class WorkMessage(
    private val id: UUID,
    private val target: UUID,
    private val work: ByteArray,
) : Callable<ByteArray>,
    HazelcastInstanceAware,
    Serializable {
    @Transient
    private var hazelcast: HazelcastInstance? = null

    override fun setHazelcastInstance(instance: HazelcastInstance) {
        hazelcast = instance
    }

    override fun call(): ByteArray {
        val hazelcast = hazelcast!!
        if (hazelcast.cluster.localMember.uuid != target) return Outcome.misdirected
        return RunningWorks.of(hazelcast).perform(id) {
            Outcome.of {
                val work = Serialized.read(work, hazelcast.config.classLoader) as ClusterWork<*>
                if (work is HazelcastInstanceAware) work.setHazelcastInstance(hazelcast)
                work.call()
            }
        }
    }

    override fun toString(): String = "work $id"

    private companion object {
        const val serialVersionUID = 1L
    }
}

/** Nobody waits for that work any longer. */
internal class CancelMessage(
    private val id: UUID,
) : Callable<Unit?>,
    HazelcastInstanceAware,
    Serializable {
    @Transient
    private var hazelcast: HazelcastInstance? = null

    override fun setHazelcastInstance(instance: HazelcastInstance) {
        hazelcast = instance
    }

    override fun call(): Unit? {
        RunningWorks.of(hazelcast!!).cancel(id)
        return null
    }

    override fun toString(): String = "cancel $id"

    private companion object {
        const val serialVersionUID = 1L
    }
}
