// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager

/**
 * What a task acquires and releases: a lock, a condition, a semaphore.
 *
 * Source: `_ContextManagerMixin` of `asyncio.locks`.
 */
public sealed class Acquirable : AsyncContextManager<Unit> {
    /** Waits until it can be acquired, and acquires it; returns true. */
    public abstract suspend fun acquire(): Boolean

    /** Gives back what [acquire] acquired. */
    public abstract fun release()

    /**
     * Acquires it, runs [block] and releases it, whatever the block throws.
     *
     * Cancelling the task while it waits means that the block does not run.
     *
     * Source: `async with lock`.
     */
    public suspend inline fun <R> use(block: () -> R): R {
        acquire()
        try {
            return block()
        } finally {
            release()
        }
    }

    /** Acquires it. Source: `Lock.__aenter__`. */
    override suspend fun aenter() {
        acquire()
    }

    /** Releases it; suppresses nothing. Source: `Lock.__aexit__`. */
    override suspend fun aexit(exception: Throwable?): Boolean {
        release()
        return false
    }
}
