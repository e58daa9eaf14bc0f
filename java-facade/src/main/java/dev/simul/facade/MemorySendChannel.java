// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.callForNothing;

/**
 * The end of a channel between loops at which tasks of {@link #loop} send.
 *
 * <p>Close it when there is nothing more to send, by {@code try}-with-resources or {@link #close}: the receiver gets what was sent before,
 * and then the end.
 *
 * <p>asyncio has no equivalent; compare {@code trio.MemorySendChannel}.
 */
public final class MemorySendChannel<T extends @Nullable Object> implements AutoCloseable {
    private final dev.simul.channels.MemorySendChannel<T> delegate;

    MemorySendChannel(dev.simul.channels.MemorySendChannel<T> delegate) {
        this.delegate = delegate;
    }

    /** The loop whose tasks send. */
    public EventLoop loop() {
        return EventLoop.of(delegate.getLoop());
    }

    /** The maximum number of items. */
    public int capacity() {
        return delegate.getCapacity();
    }

    /** The number of items that were sent and not yet received. Any thread may ask. */
    public int qsize() {
        return delegate.qsize();
    }

    /**
     * Sends {@code item}, waiting until there is room for it.
     *
     * <p>A task that is cancelled while it waits has sent nothing; otherwise the item is on its way, once. Several tasks that wait are woken
     * in the order of their arrival, and try again. A call that need not wait does not give up the turn.
     *
     * @return fails with {@link dev.simul.queues.QueueShutDown} if either end is closed, also while the task waits, or the receiver's loop
     *     is; its cause is what {@code close} was given. Fails with {@link IllegalStateException} in another loop than {@link #loop}
     */
    public Future<@Nullable Void> send(T item) {
        return callForNothing(continuation -> delegate.send(item, continuation));
    }

    /**
     * Sends {@code item} at once.
     *
     * @throws dev.simul.queues.QueueFull if there is no room for it
     * @throws dev.simul.queues.QueueShutDown as {@link #send} fails
     * @throws IllegalStateException if the caller is not in {@link #loop}
     */
    public void sendNowait(T item) {
        delegate.sendNowait(item);
    }

    /**
     * Ends the sending: tasks that wait in {@link #send} fail, and those that receive get the items sent before, and then the end. Does
     * nothing if this end is closed. In another thread than the loop's, it takes effect in the loop's next turn.
     */
    @Override
    public void close() {
        delegate.close();
    }

    /** As {@link #close()}, because of {@code cause}: the receivers' {@code QueueShutDown} has it as its cause, and their loops throw that. */
    public void close(@Nullable Throwable cause) {
        delegate.close(cause);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
