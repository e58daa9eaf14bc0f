// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * A first-in, first-out queue from tasks that put items to tasks that get them.
 *
 * <p>Waiting tasks are woken in the order in which they began to wait, but a woken task only tries again: if another task was
 * faster, it waits at the end of the line. An operation that need not wait does not give up the turn.
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

    /** As {@link #Queue(int)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public Queue(int maxsize, String name) {
        this(new dev.simul.queues.Queue<>(maxsize, name));
    }

    Queue(dev.simul.queues.Queue<T> queue) {
        this.queue = queue;
    }

    /** The maximum number of items; 0 or less means no limit. Source: {@code Queue.maxsize}. */
    public final int maxsize() {
        return queue.getMaxsize();
    }

    /** The number of items. Source: {@code Queue.qsize()}. */
    public final int qsize() {
        return queue.qsize();
    }

    /** Whether the queue is empty. Source: {@code Queue.empty()}. */
    public final boolean empty() {
        return queue.empty();
    }

    /** Whether the queue is full. Source: {@code Queue.full()}. */
    public final boolean full() {
        return queue.full();
    }

    /**
     * Adds {@code item}, waiting while the queue is full.
     *
     * <p>A task that is cancelled while it waits adds nothing; if it was already woken, the next task is woken instead.
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
     * @throws dev.simul.queues.QueueFull if the queue is full
     * @throws dev.simul.queues.QueueShutDown if the queue is shut down
     */
    public final void putNowait(T item) {
        queue.putNowait(item);
    }

    /**
     * Removes and returns the next item, waiting until there is one.
     *
     * <p>A task that is cancelled while it waits takes nothing; if it was already woken, the next task is woken instead.
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
     * Removes and returns the next item at once.
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
     * Marks the work on an item as done; {@link #join} waits for as many calls as items were put.
     *
     * <p>Source: {@code Queue.task_done()}.
     *
     * @throws IllegalArgumentException if it is called more often than items were put
     */
    public final void taskDone() {
        queue.taskDone();
    }

    /**
     * Waits until every item that was put is marked as done by {@link #taskDone}; items that are put while this waits count too.
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
     * Closes the queue: from now on no item can be put, and only the remaining items can be taken.
     *
     * <p>All waiting tasks are woken, and fail with {@link dev.simul.queues.QueueShutDown} unless there is an item for them.
     *
     * <p>Source: {@code Queue.shutdown()}.
     */
    public final void shutdown() {
        queue.shutdown();
    }

    /**
     * As {@link #shutdown()}. Source: {@code Queue.shutdown(immediate)}.
     *
     * @param immediate whether to discard the remaining items; they count as done for {@link #join}
     */
    public final void shutdown(boolean immediate) {
        queue.shutdown(immediate);
    }

    @Override
    public final String toString() {
        return queue.toString();
    }
}
