// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * Items on their way from the tasks that put them to the tasks that get them, first in, first out.
 *
 * <p>Tasks that wait are woken in the order they came, but a woken task only looks again: if another one was faster, it
 * queues up at the end. An operation that need not wait does not give up the turn.
 *
 * <p>It belongs to the loop on which a task first had to wait for it.
 *
 * <p>Source: {@code asyncio.Queue}.
 */
public class Queue<T extends @Nullable Object> {
    private final dev.simul.queues.Queue<T> queue;

    /** An unbounded queue. Source: {@code asyncio.Queue()}. */
    public Queue() {
        this(0);
    }

    /**
     * A queue of up to {@code maxsize} items. Source: {@code asyncio.Queue(maxsize)}.
     *
     * @param maxsize the maximum number of items; 0 or less means no limit
     */
    public Queue(int maxsize) {
        this(new dev.simul.queues.Queue<>(maxsize));
    }

    Queue(dev.simul.queues.Queue<T> queue) {
        this.queue = queue;
    }

    /** The maximum number of items; 0 or less means no limit. Source: {@code Queue.maxsize}. */
    public final int maxsize() {
        return queue.getMaxsize();
    }

    /** How many items there are. Source: {@code Queue.qsize()}. */
    public final int qsize() {
        return queue.qsize();
    }

    /** Whether there is no item. Source: {@code Queue.empty()}. */
    public final boolean empty() {
        return queue.empty();
    }

    /** Whether there is no place for another item. Source: {@code Queue.full()}. */
    public final boolean full() {
        return queue.full();
    }

    /**
     * Adds {@code item}, waiting until there is place for it.
     *
     * <p>A task that is cancelled while it waits adds nothing; if it was already woken, the next one is.
     *
     * <p>Source: {@code Queue.put(item)}.
     *
     * @return fails with {@link dev.simul.queues.QueueShutDown} if the queue is shut down, also while the task waits, and with
     *     {@link IllegalStateException} if it has to wait on another loop than the queue's
     */
    public final Future<@Nullable Void> put(T item) {
        return callForNothing(continuation -> queue.put(item, continuation));
    }

    /**
     * Adds {@code item} at once.
     *
     * <p>Source: {@code Queue.put_nowait(item)}.
     *
     * @throws dev.simul.queues.QueueFull if there is no place for it
     * @throws dev.simul.queues.QueueShutDown if the queue is shut down
     */
    public final void putNowait(T item) {
        queue.putNowait(item);
    }

    /**
     * Takes the next item out, waiting until there is one.
     *
     * <p>A task that is cancelled while it waits takes nothing; if it was already woken, the next one is.
     *
     * <p>Source: {@code Queue.get()}.
     *
     * @return fails with {@link dev.simul.queues.QueueShutDown} if the queue is shut down and empty, also while the task waits,
     *     and with {@link IllegalStateException} if it has to wait on another loop than the queue's
     */
    public final Future<T> get() {
        return call(queue::get);
    }

    /**
     * Takes the next item out at once.
     *
     * <p>Source: {@code Queue.get_nowait()}.
     *
     * @throws dev.simul.queues.QueueEmpty if there is none
     * @throws dev.simul.queues.QueueShutDown if there is none and the queue is shut down
     */
    public final T getNowait() {
        return queue.getNowait();
    }

    /**
     * Says that the work on an item that was got is done; {@link #join} waits for as many calls as items were put.
     *
     * <p>Source: {@code Queue.task_done()}.
     *
     * @throws IllegalArgumentException if it is called more often than items were put
     */
    public final void taskDone() {
        queue.taskDone();
    }

    /**
     * Waits until every item that was put is done, by {@link #taskDone}; items that are put later count too, until none is left.
     *
     * <p>Cancellation ends only the wait.
     *
     * <p>Source: {@code Queue.join()}.
     *
     * @return fails with {@link IllegalStateException} if it has to wait on another loop than the queue's
     */
    public final Future<@Nullable Void> join() {
        return callForNothing(queue::join);
    }

    /**
     * Closes the queue: from now on nothing can be put, and nothing but the items that are there can be got.
     *
     * <p>All tasks that wait to put or to get are woken, and get {@link dev.simul.queues.QueueShutDown} unless there is an item
     * for them.
     *
     * <p>Source: {@code Queue.shutdown()}.
     */
    public final void shutdown() {
        queue.shutdown();
    }

    /**
     * As {@link #shutdown()}. Source: {@code Queue.shutdown(immediate)}.
     *
     * @param immediate whether the items that are there are thrown away; they count as done for {@link #join}
     */
    public final void shutdown(boolean immediate) {
        queue.shutdown(immediate);
    }

    @Override
    public final String toString() {
        return queue.toString();
    }
}
