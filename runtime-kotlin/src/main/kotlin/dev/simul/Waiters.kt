// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.Link
import dev.simul.loop.LinkedQueue
import dev.simul.loop.getRunningLoop
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED

/**
 * The tasks that wait for one thing, in the order they came: the queue that all locks and queues are built on.
 *
 * To wake a task is to complete its [Waiter]; the task takes the waiter out when it runs again. Between the two it may be
 * cancelled, so whoever wakes one must know that the wake-up can come back: each user says what happens then.
 *
 * It belongs to the loop of its first waiter.
 *
 * @param owner what they wait for; its text is shown by those who ask what a task waits for.
 * @param operation how they wait for it, in words.
 * @param binding another queue of the same owner, which belongs to the same loop.
 * @param onWake what a waiter, which was taken out, does with the end of its wait: as [Suspension.onWake].
 */
internal class Waiters<T>(
    val owner: Any,
    val operation: String,
    private val binding: Waiters<*>? = null,
    val onWake: (Waiter<T>, Throwable?) -> Any? = ::passOn,
) {
    private val queue = LinkedQueue<Waiter<T>>()
    private var loop: EventLoop? = null

    val size: Int get() = queue.size

    fun isEmpty(): Boolean = queue.isEmpty()

    /** Whether somebody waits who was not cancelled. */
    fun anyActive(): Boolean {
        queue.forEach { if (!it.cancelled()) return true }
        return false
    }

    /** Queues up the calling task, which then waits; [item] is what it brings. */
    fun add(item: Any? = null): Waiter<T> = Waiter(this, item).also(queue::add)

    /** The loop of whoever waits here. */
    fun bind(): EventLoop = (binding ?: this).bindToRunningLoop()

    private fun bindToRunningLoop(): EventLoop {
        val bound = loop
        if (bound != null && bound.isInLoop) return bound
        val running = getRunningLoop()
        check(bound == null) { "$owner is bound to a different event loop: use it on the loop of its first waiter" }
        loop = running
        return running
    }

    /** Takes [waiter] out, unless it was taken out already. */
    fun remove(waiter: Waiter<T>) = queue.remove(waiter)

    /** Queues up the calling task until it is woken. */
    suspend fun wait(item: Any? = null): T = add(item).wait()

    /** As [wait], of a task that has waited and was woken in vain; to be returned by [onWake]. */
    fun waitAgain(waiter: Waiter<T>): Any {
        waiter.renew()
        queue.add(waiter)
        return COROUTINE_SUSPENDED
    }

    /** The first one that was not woken or cancelled yet. */
    fun firstPending(): Waiter<T>? {
        queue.forEach { if (!it.done()) return it }
        return null
    }

    val first: Waiter<T>? get() = queue.first

    /** Calls [action] with each of them; it may wake them. */
    inline fun forEach(action: (Waiter<T>) -> Unit) = queue.forEach(action)

    /** Wakes all that were not woken or cancelled yet. */
    fun wakeAll() = forEach { if (!it.done()) it.wake() }

    /** As [wakeAll], by [exception], with which their waits fail. */
    fun wakeAll(exception: Throwable) = forEach { if (!it.done()) it.fail(exception) }

    /** Wakes the first pending one and takes it out at once, with all before it. */
    fun takeAndWakeFirst() {
        while (true) {
            val waiter = queue.first ?: return
            queue.remove(waiter)
            if (!waiter.done()) return waiter.wake()
        }
    }
}

private fun passOn(
    @Suppress("UNUSED_PARAMETER") waiter: Waiter<*>,
    failure: Throwable?,
) {
    if (failure != null) throw failure
}

/**
 * A task that waits in [waiters]; it takes itself out when it runs again.
 *
 * It has no subclasses, so that what links the waiters is compiled for this class.
 */
internal class Waiter<T>(
    private val waiters: Waiters<T>,
    val item: Any?,
) : Suspension<T>(waiters.bind()),
    Link<Waiter<T>> {
    override var previous: Waiter<T>? = null
    override var next: Waiter<T>? = null
    override var isLinked = false

    fun wake() = complete(Unit)

    override fun onWake(failure: Throwable?): Any? {
        waiters.remove(this)
        return waiters.onWake(this, failure)
    }

    override fun describeWait(): String = "${waiters.operation} of ${waiters.owner}"
}
