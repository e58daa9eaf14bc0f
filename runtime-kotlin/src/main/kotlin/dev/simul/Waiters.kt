package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop

/**
 * The tasks that wait for one thing, in the order they came: the queue that all locks and queues are built on.
 *
 * To wake a task is to complete its [Waiter]; the task takes the waiter out when it runs again. Between the two it may be
 * cancelled, so whoever wakes one must know that the wake-up can come back: each user says what happens then.
 *
 * It belongs to the loop of its first waiter.
 */
internal class Waiters(
    private val owner: Any,
) {
    private val queue = LinkedQueue<WaiterLink>()
    private var loop: EventLoop? = null

    val size: Int get() = queue.size

    fun isEmpty(): Boolean = queue.isEmpty()

    /** Whether somebody waits who was not cancelled. */
    fun anyActive(): Boolean {
        queue.forEach { if (!it.waiter.cancelled()) return true }
        return false
    }

    /** Queues up the calling task; [operation] is what it waits for, in words. Await the result, then [remove] it. */
    fun add(operation: String): Waiter {
        val running = getRunningLoop()
        val bound = loop ?: running.also { loop = it }
        check(bound === running) { "$owner is bound to a different event loop: use it on the loop of its first waiter" }
        return Waiter(running, owner, operation).also { queue.add(it.link) }
    }

    fun remove(waiter: Waiter) = queue.remove(waiter.link)

    /** The first one that was not woken or cancelled yet. */
    fun firstPending(): Waiter? {
        queue.forEach { if (!it.waiter.done()) return it.waiter }
        return null
    }

    fun first(): Waiter? = queue.first?.waiter

    /** Calls [action] with each of them; it may wake them. */
    inline fun forEach(action: (Waiter) -> Unit) = queue.forEach { action(it.waiter) }
}

/** A task that waits in [Waiters]. */
internal class Waiter(
    loop: EventLoop,
    private val owner: Any,
    private val operation: String,
) : Future<Unit>(loop) {
    val link = WaiterLink(this)

    fun wake() = complete(Unit)

    override fun describeWait(): String = "$operation of $owner"
}

internal class WaiterLink(
    val waiter: Waiter,
) : Link<WaiterLink>()
