// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

/**
 * How a work has ended at one member; see [Cluster.runOnAll].
 *
 * Source: a finished `asyncio.Future`.
 */
public class MemberResult<out T> internal constructor(
    private val value: T?,
    private val failure: Throwable?,
) {
    /** What the work has returned. @throws Throwable what it failed with, or [MemberLostException]. */
    public fun result(): T {
        failure?.let { throw it }
        @Suppress("UNCHECKED_CAST")
        return value as T
    }

    /** What the work failed with; null if it has not. */
    public fun exception(): Throwable? = failure

    override fun toString(): String = if (failure == null) "$value" else "$failure"
}
