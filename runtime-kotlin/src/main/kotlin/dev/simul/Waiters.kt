// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.Link
import dev.simul.loop.LinkedQueue
import dev.simul.loop.getRunningLoop
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED

/**
 * The tasks that wait for one thing, in the order of their arrival: all locks and queues are built on it.
 *
 * Completing a [Waiter] wakes its task; the task removes the waiter when it runs again. It may be cancelled in between, and then has no use
 * for the wake-up: each user of this class decides what happens then.
 *
 * It belongs to the loop of its first waiter.
 *
 * @param owner what they wait for; its text is shown in reports of what a task waits for.
 * @param operation describes how they wait for it.
 * @param binding another queue of the same owner, which belongs to the same loop.
 * @param name the user's name for the owner, which reports have instead of its text.
 * @param onWake handles the end of the wait of a waiter that was removed: as [Suspension.onWake].
 */
internal open class Waiters<T>(
    val owner: Any,
    val operation: String,
    private val binding: Waiters<*>? = null,
    val name: String? = null,
    private val onWake: (Waiter<T>, Throwable?) -> Any? = ::passOn,
) {
    private val queue = LinkedQueue<Waiter<T>>()
    private var loop: EventLoop? = null

    val size: Int get() = queue.size

    /** What the tasks wait for, in reports. */
    open fun describeOwner(): String = name ?: owner.toString()

    /** Ends the wait of [waiter], which was removed: as [Suspension.onWake]. */
    open fun endWait(
        waiter: Waiter<T>,
        step: TaskStep<*>?,
        failure: Throwable?,
    ): Any? = onWake(waiter, failure)

    fun isEmpty(): Boolean = queue.isEmpty()

    /** Whether there is a waiter that was not cancelled. */
    fun anyActive(): Boolean {
        queue.forEach { if (!it.cancelled()) return true }
        return false
    }

    /** Queues the calling task, which then waits; [item] is a value that it brings, and [running] as for [bind]. */
    fun add(
        item: Any? = null,
        running: EventLoop? = null,
    ): Waiter<T> = Waiter(this, item, bind(running)).also(queue::add)

    /** The loop of the tasks that wait here; [running] is the running loop, if the caller knows it: then no thread has to be looked at. */
    fun bind(running: EventLoop? = null): EventLoop = (binding ?: this).bindToRunningLoop(running)

    private fun bindToRunningLoop(known: EventLoop?): EventLoop {
        val bound = loop
        if (bound != null && (bound === known || bound.isInLoop)) return bound
        val running = getRunningLoop()
        check(bound == null) { "$owner is bound to a different event loop: use it on the loop of its first waiter" }
        loop = running
        return running
    }

    /** Removes [waiter], unless it was removed already. */
    fun remove(waiter: Waiter<T>) = queue.remove(waiter)

    /** Queues the calling task until it is woken. */
    suspend fun wait(item: Any? = null): T = add(item, coroutineContext.ownStep?.loop).wait()

    /** As [wait], for a task that was woken in vain; [onWake] must return the result. */
    fun waitAgain(waiter: Waiter<T>): Any {
        waiter.renew()
        queue.add(waiter)
        return COROUTINE_SUSPENDED
    }

    /** The first waiter that was not woken or cancelled yet. */
    fun firstPending(): Waiter<T>? {
        queue.forEach { if (!it.done()) return it }
        return null
    }

    val first: Waiter<T>? get() = queue.first

    /** Calls [action] with each waiter; it may wake them. */
    inline fun forEach(action: (Waiter<T>) -> Unit) = queue.forEach(action)

    /** Wakes all waiters that were not woken or cancelled yet. */
    fun wakeAll() = forEach { if (!it.done()) it.wake() }

    /** As [wakeAll], with [exception], which their waits throw. */
    fun wakeAll(exception: Throwable) = forEach { if (!it.done()) it.fail(exception) }

    /** Wakes the first pending waiter and removes it at once, with all before it. */
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
 * A task that waits in [waiters]; it removes itself when it runs again.
 *
 * It has no subclasses, so that the code that links the waiters is compiled for this class.
 */
internal class Waiter<T>(
    private val waiters: Waiters<T>,
    val item: Any?,
    loop: EventLoop,
) : Suspension<T>(loop),
    Link<Waiter<T>> {
    override var previous: Waiter<T>? = null
    override var next: Waiter<T>? = null
    override var isLinked = false

    fun wake() = complete(Unit)

    override fun onWake(
        step: TaskStep<*>?,
        failure: Throwable?,
    ): Any? {
        waiters.remove(this)
        return waiters.endWait(this, step, failure)
    }

    override fun describeWait(): String = "${waiters.operation} of ${waiters.describeOwner()}"

    override val waitKind: String get() = waiters.operation
}
