// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.generators.AsyncIteratorKt;
import dev.simul.generators.FlowPublisherKt;
import java.util.Iterator;
import java.util.concurrent.Flow.Publisher;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * The end of a channel between loops at which tasks of {@link #loop} receive.
 *
 * <p>A {@code for} loop over it awaits one item after the other until the sending end is closed, and leaves this end open; several tasks may
 * share the items so. Close it when nobody receives any longer, by {@code try}-with-resources or {@link #close}: otherwise senders wait until
 * one of the loops closes.
 *
 * <p>asyncio has no equivalent; compare {@code trio.MemoryReceiveChannel}.
 */
public final class MemoryReceiveChannel<T extends @Nullable Object> implements AsyncIterable<T> {
    private final dev.simul.channels.MemoryReceiveChannel<T> delegate;

    MemoryReceiveChannel(dev.simul.channels.MemoryReceiveChannel<T> delegate) {
        this.delegate = delegate;
    }

    /** The loop whose tasks receive. */
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
     * Receives the next item, waiting until there is one.
     *
     * <p>A task that is cancelled while it waits has taken nothing: the item goes to the next one that asks. Several tasks that wait are woken
     * in the order of their arrival, and try again. A call that need not wait does not give up the turn.
     *
     * @return fails with {@link dev.simul.queues.QueueShutDown} if this end is closed, or if the sending end is and everything sent before
     *     was received, also while the task waits; its cause is what {@code close} was given. Fails with {@link IllegalStateException} in
     *     another loop than {@link #loop}
     */
    public Future<T> receive() {
        return call(delegate::receive);
    }

    /**
     * Receives the next item at once.
     *
     * @throws dev.simul.queues.QueueEmpty if there is none
     * @throws dev.simul.queues.QueueShutDown as {@link #receive} fails
     * @throws IllegalStateException if the caller is not in {@link #loop}
     */
    public T receiveNowait() {
        return delegate.receiveNowait();
    }

    /**
     * An iterator for a {@code for} loop in the calling body, which ends when the sending end was closed, or this one; it throws
     * {@link dev.simul.queues.QueueShutDown} if either was closed because of an exception.
     */
    @Override
    public Iterator<T> iterator() {
        return new AsyncGenerator.InPlace<>(delegate.iterator());
    }

    /** As {@link #receive}, but fails with {@link dev.simul.exceptions.StopAsyncIteration} at the end; several tasks may call it. */
    @Override
    public Future<T> anext() {
        return call(continuation -> AsyncIteratorKt.anext(delegate.iterator(), continuation));
    }

    @Override
    public Future<T> anext(T defaultItem) {
        return call(continuation -> AsyncIteratorKt.anext(delegate.iterator(), defaultItem, continuation));
    }

    @Override
    public Publisher<T> toPublisher() {
        return FlowPublisherKt.toPublisher(delegate);
    }

    /** As {@link #close()}, which does not wait. */
    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(continuation -> {
            delegate.close();
            return Unit.INSTANCE;
        });
    }

    /**
     * Ends the receiving: items that were not received are dropped, tasks that wait in {@link #receive} fail, and so do those that send. Does
     * nothing if this end is closed. In another thread than the loop's, it takes effect in the loop's next turn.
     */
    @Override
    public void close() {
        delegate.close();
    }

    /** As {@link #close()}, because of {@code cause}, which the {@code QueueShutDown} at both ends has as its cause. */
    public void close(@Nullable Throwable cause) {
        delegate.close(cause);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
