// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * Something that can be awaited; any class may implement it.
 *
 * Source: Python's `__await__`.
 */
public interface Awaitable<out T> {
    /**
     * Waits in the calling task for the result, and returns it or throws the failure.
     *
     * Cancelling the calling task also cancels the awaited work.
     */
    public suspend fun await(): T
}
