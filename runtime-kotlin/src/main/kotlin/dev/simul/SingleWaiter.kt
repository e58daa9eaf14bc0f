// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop

/**
 * The wait of one task, until it is woken or cancelled. For several tasks there is [Waiters].
 *
 * @param operation describes the wait; it is shown, with [owner], when a report says what a task waits for.
 */
internal class SingleWaiter(
    loop: EventLoop,
    private val operation: String,
    private val owner: Any,
) : Future<Unit>(loop),
    (Future<*>) -> Unit,
    Awaiting {
    /** It waits for the end of a future, which has come. */
    override fun invoke(future: Future<*>) = wake()

    /** Resumes the task; does nothing if it was woken or cancelled before. */
    fun wake() {
        if (!done()) complete(Unit)
    }

    /** As [wake], with [exception], which the wait throws. */
    fun wake(exception: Throwable) {
        if (!done()) fail(exception)
    }

    override fun onBehalfOf(): List<Future<*>> = awaiters()

    override fun describeWait(): String = "$operation of $owner"

    override val waitKind: String get() = operation
}
