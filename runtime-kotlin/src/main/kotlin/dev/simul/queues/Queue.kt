// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.Waiter
import dev.simul.Waiters

/**
 * A queue that passes items from the tasks that put them to the tasks that get them, first in, first out.
 *
 * Waiting tasks are woken in the order of their arrival, but a woken task only tries again: if another task was faster, it queues up at the
 * end. An operation that need not wait does not give up the turn.
 *
 * It belongs to the loop on which a task first had to wait for it.
 *
 * Source: `asyncio.Queue(maxsize=0)`.
 *
 * @property maxsize the maximum number of items; 0 or less means no limit. Source: `Queue.maxsize`.
 */
public open class Queue<T> internal constructor(
    public val maxsize: Int,
    private val items: Items<T>,
    name: String?,
) {
    private val summary = Summary()
    private val getters = Waiters<T>(summary, "Queue.get", onWake = ::endGet, name = name)
    private val putters = Waiters<Unit>(summary, "Queue.put", getters, name, ::endPut)
    private val joiners = Waiters<Unit>(summary, "Queue.join", getters, name = name)
    private var unfinished = 0
    private var isShutDown = false

    /** The name that reports of waiting tasks show. asyncio has no equivalent. */
    public val name: String? get() = getters.name

    /**
     * A queue with room for [maxsize] items. Source: `asyncio.Queue(maxsize)`.
     *
     * @param name shown by reports of the tasks that wait for it.
     */
    @JvmOverloads
    public constructor(maxsize: Int, name: String? = null) : this(maxsize, ItemRing(), name)

    /** A queue without a limit. Source: `asyncio.Queue()`. */
    public constructor() : this(0)

    /** The number of items. Source: `Queue.qsize()`. */
    public fun qsize(): Int = items.size

    /** Whether there are no items. Source: `Queue.empty()`. */
    public fun empty(): Boolean = items.size == 0

    /** Whether there are [maxsize] items; always false without a limit. Source: `Queue.full()`. */
    public fun full(): Boolean = maxsize > 0 && items.size >= maxsize

    /**
     * Adds [item]; waits until there is room for it.
     *
     * A task that is cancelled while it waits adds nothing; if it was already woken, the next task is woken.
     *
     * Source: `Queue.put(item)`.
     *
     * @throws QueueShutDown if the queue is shut down, before the call or during the wait.
     * @throws IllegalStateException if it has to wait on another loop than the queue's.
     */
    public suspend fun put(item: T) {
        if (full()) putWhenFree(item) else putNowait(item)
    }

    private suspend fun putWhenFree(item: T) {
        if (isShutDown) throw shutDown()
        return putters.wait(item)
    }

    @Suppress("UNCHECKED_CAST")
    private fun endPut(
        putter: Waiter<Unit>,
        failure: Throwable?,
    ): Any {
        if (failure != null) {
            putters.withdraw(putter, passOn = !full())
            throw failure
        }
        return if (full()) putters.waitUnlessShutDown(putter) else putNowait(putter.item as T)
    }

    /**
     * Adds [item] at once.
     *
     * Source: `Queue.put_nowait(item)`.
     *
     * @throws QueueFull if there is no room for it.
     * @throws QueueShutDown if the queue is shut down.
     */
    public fun putNowait(item: T) {
        if (isShutDown) throw shutDown()
        if (full()) throw QueueFull("$this is full: await put() to wait until there is place")
        items.add(item)
        unfinished++
        getters.takeAndWakeFirst()
    }

    /**
     * Removes and returns the next item; waits until there is one.
     *
     * A task that is cancelled while it waits takes nothing; if it was already woken, the next task is woken.
     *
     * Source: `Queue.get()`.
     *
     * @throws QueueShutDown if the queue is shut down and empty, before the call or during the wait.
     * @throws IllegalStateException if it has to wait on another loop than the queue's.
     */
    public suspend fun get(): T = if (empty()) getWhenPut() else getNowait()

    private suspend fun getWhenPut(): T {
        if (isShutDown) throw shutDown()
        return getters.wait()
    }

    private fun endGet(
        getter: Waiter<T>,
        failure: Throwable?,
    ): Any? {
        if (failure != null) {
            getters.withdraw(getter, passOn = !empty())
            throw failure
        }
        return if (empty()) getters.waitUnlessShutDown(getter) else getNowait()
    }

    /**
     * Removes and returns the next item at once.
     *
     * Source: `Queue.get_nowait()`.
     *
     * @throws QueueEmpty if there is none.
     * @throws QueueShutDown if there is none and the queue is shut down.
     */
    public fun getNowait(): T {
        if (empty()) throw if (isShutDown) shutDown() else QueueEmpty("$this is empty: await get() to wait for an item")
        val item = items.take()
        putters.takeAndWakeFirst()
        return item
    }

    /** The task of [waiter] was woken, but another task was faster. */
    private fun <R> Waiters<R>.waitUnlessShutDown(waiter: Waiter<R>): Any {
        if (isShutDown) throw shutDown()
        return waitAgain(waiter)
    }

    /** The task of [waiter] no longer waits; if it was woken and there is still room or an item, the next one is woken. */
    private fun <R> Waiters<R>.withdraw(
        waiter: Waiter<R>,
        passOn: Boolean,
    ) {
        waiter.cancel()
        if (passOn && !waiter.cancelled()) takeAndWakeFirst()
    }

    /**
     * Tells that the work on an item is done; [join] waits for one call per item that was put.
     *
     * Source: `Queue.task_done()`.
     *
     * @throws IllegalArgumentException if it is called more often than items were put.
     */
    public fun taskDone() {
        require(unfinished > 0) { "taskDone() called too many times: every item put into $this is done already" }
        finish(1)
    }

    private fun finish(count: Int) {
        unfinished -= count
        if (unfinished == 0) joiners.wakeAll()
    }

    /**
     * Waits until every item that was put is done, by [taskDone]; items put meanwhile count too, until none is left.
     *
     * Cancelling the task only ends the wait.
     *
     * Source: `Queue.join()`.
     *
     * @throws IllegalStateException if it has to wait on another loop than the queue's.
     */
    public suspend fun join() {
        if (unfinished > 0) joinUnfinished()
    }

    private suspend fun joinUnfinished() = joiners.wait()

    /**
     * Shuts the queue down: from now on no item can be put, and only the remaining items can be got.
     *
     * All tasks that wait in [put] and [get] are woken, and get [QueueShutDown] unless there is an item for them.
     *
     * Source: `Queue.shutdown(immediate=False)`.
     *
     * @param immediate whether to drop the remaining items; they count as done for [join].
     */
    @JvmOverloads
    public fun shutdown(immediate: Boolean = false) {
        isShutDown = true
        if (immediate) dropItems()
        while (!getters.isEmpty()) getters.takeAndWakeFirst()
        while (!putters.isEmpty()) putters.takeAndWakeFirst()
    }

    private fun dropItems() {
        val dropped = items.size
        repeat(dropped) { items.take() }
        finish(minOf(dropped, unfinished))
    }

    private fun shutDown() = QueueShutDown("$this was shut down")

    override fun toString(): String = describe(if (empty()) "" else " items=$items")

    private fun describe(items: String): String =
        buildString {
            append('<').append(this@Queue.javaClass.simpleName).append(' ')
            if (name != null) append(name).append(' ')
            append("maxsize=").append(maxsize).append(items)
            if (!getters.isEmpty()) append(" getters[").append(getters.size).append(']')
            if (!putters.isEmpty()) append(" putters[").append(putters.size).append(']')
            if (unfinished > 0) append(" tasks=").append(unfinished)
            if (isShutDown) append(" shutdown")
            append('>')
        }

    /** Describes the queue without its items: they may be many, and may be tasks whose text contains the queue. */
    private inner class Summary {
        override fun toString(): String = describe("")
    }
}
