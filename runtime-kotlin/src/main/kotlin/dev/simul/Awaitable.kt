// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * What can be awaited; any class may implement it.
 *
 * Source: Python's `__await__`.
 */
public interface Awaitable<out T> {
    /**
     * Waits in the calling task until there is a result, and returns it or throws what was thrown instead.
     *
     * Cancelling the calling task cancels what is awaited.
     */
    public suspend fun await(): T
}
