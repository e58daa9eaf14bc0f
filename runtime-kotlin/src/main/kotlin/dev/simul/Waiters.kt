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
 *
 * @param owner what they wait for; its text is shown by those who ask what a task waits for.
 * @param binding another queue of the same owner, which belongs to the same loop.
 */
internal class Waiters(
    private val owner: Any,
    private val binding: Waiters? = null,
) {
    private val queue = LinkedQueue<Waiter>()
    private var loop: EventLoop? = null

    val size: Int get() = queue.size

    fun isEmpty(): Boolean = queue.isEmpty()

    /** Whether somebody waits who was not cancelled. */
    fun anyActive(): Boolean {
        queue.forEach { if (!it.cancelled()) return true }
        return false
    }

    /** Queues up the calling task; [operation] is what it waits for, in words. Await the result, then [remove] it. */
    fun add(operation: String): Waiter {
        val loop = (binding ?: this).bindToRunningLoop()
        return Waiter(loop, owner, operation).also(queue::add)
    }

    private fun bindToRunningLoop(): EventLoop {
        val bound = loop
        if (bound != null && bound.isInLoop) return bound
        val running = getRunningLoop()
        check(bound == null) { "$owner is bound to a different event loop: use it on the loop of its first waiter" }
        loop = running
        return running
    }

    /** Takes [waiter] out, unless it was taken out already. */
    fun remove(waiter: Waiter) = queue.remove(waiter)

    /** Queues up the calling task until it is woken, and takes it out again, however the waiting ends. */
    suspend inline fun wait(operation: String) {
        val waiter = add(operation)
        try {
            waiter.await()
        } finally {
            remove(waiter)
        }
    }

    /** The first one that was not woken or cancelled yet. */
    fun firstPending(): Waiter? {
        queue.forEach { if (!it.done()) return it }
        return null
    }

    val first: Waiter? get() = queue.first

    /** Calls [action] with each of them; it may wake them. */
    inline fun forEach(action: (Waiter) -> Unit) = queue.forEach(action)

    /** Wakes all that were not woken or cancelled yet. */
    fun wakeAll() = forEach { if (!it.done()) it.wake() }

    /** Wakes the first pending one and takes it out at once, with all before it. */
    fun takeAndWakeFirst() {
        while (true) {
            val waiter = queue.first ?: return
            queue.remove(waiter)
            if (!waiter.done()) return waiter.wake()
        }
    }
}

/** A task that waits in [Waiters]. */
internal class Waiter(
    loop: EventLoop,
    private val owner: Any,
    private val operation: String,
) : Future<Unit>(loop),
    Link<Waiter> {
    override var previous: Waiter? = null
    override var next: Waiter? = null
    override var isLinked = false

    fun wake() = complete(Unit)

    override fun describeWait(): String = "$operation of $owner"
}
