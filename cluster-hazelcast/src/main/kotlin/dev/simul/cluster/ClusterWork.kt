// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import java.io.Serializable

/**
 * What a member of a cluster is to do: a function that is sent there, with all that it captures, by Java's serialization.
 *
 * Each member needs its class, and those of its result. It runs in a thread of the member's, where it may block, and outside of any loop. If it
 * implements Hazelcast's `HazelcastInstanceAware`, it is given the instance of its member before.
 *
 * Source: the callable that `concurrent.futures.ProcessPoolExecutor.submit` pickles.
 */
public fun interface ClusterWork<out T> : Serializable {
    /** Does the work. An interrupt asks it to stop: nobody waits for its result any longer. */
    @Throws(Exception::class)
    public fun call(): T
}
