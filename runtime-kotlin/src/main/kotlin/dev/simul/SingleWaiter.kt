// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop

/**
 * What one task waits for until somebody wakes it, or it is cancelled. For several tasks there is [Waiters].
 *
 * @param operation how it waits, in words: those who ask what a task waits for are shown this, and [owner].
 */
internal class SingleWaiter(
    loop: EventLoop,
    private val operation: String,
    private val owner: Any,
) : Future<Unit>(loop) {
    /** Has the task go on; does nothing if it was woken or cancelled before. */
    fun wake() {
        if (!done()) complete(Unit)
    }

    /** As [wake], by [exception], which its wait throws. */
    fun wake(exception: Throwable) {
        if (!done()) fail(exception)
    }

    override fun describeWait(): String = "$operation of $owner"
}
