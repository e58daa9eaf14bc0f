// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Future;
import dev.simul.facade.cluster.Calls.SuspendFunction;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.cluster.Calls.call;
import static dev.simul.facade.cluster.Calls.callForItems;
import static dev.simul.facade.cluster.Calls.callForNothing;

/**
 * Messages by name, from any member to all that listen; see {@link Cluster#topic} and {@link Cluster#reliableTopic}, which promise
 * different things.
 *
 * <p>Messages are what Hazelcast can serialize: numbers, strings, arrays, records of such, and what is {@link java.io.Serializable}.
 *
 * <p>asyncio has no equivalent.
 *
 * @param <T> the type of the messages
 */
public final class Topic<T> {
    private static final int BUFFER = 1_024;

    private final dev.simul.cluster.Topic<T> delegate;

    Topic(dev.simul.cluster.Topic<T> delegate) {
        this.delegate = delegate;
    }

    static <T> Future<Topic<T>> called(SuspendFunction<dev.simul.cluster.Topic<T>> function) {
        return call(function, Topic::new);
    }

    /** The name by which other members find it. */
    public String name() {
        return delegate.getName();
    }

    /**
     * Sends {@code message} to all that listen now. Cancelling the future ends the wait; the message may be sent all the same.
     *
     * @return fails with an {@link IllegalStateException} if the cluster is closed
     */
    public Future<@Nullable Void> publish(T message) {
        return callForNothing(continuation -> delegate.publish(message, continuation));
    }

    /** As {@link #messages(int)}, with a buffer of 1,024. */
    public Future<AsyncIterable<T>> messages() {
        return messages(BUFFER);
    }

    /**
     * Listens, once the future is done: a generator of the messages. It has to be closed, which removes the listener; a failure and a
     * cancellation, also of a single {@code anext}, close it. When the cluster is closed, it ends.
     *
     * <pre>{@code
     * try (var messages = prices.messages().await()) {
     *     for (var price : messages) {
     *         show(price);
     *     }
     * }
     * }</pre>
     *
     * @param buffer how many messages wait for a slow reader, at most
     * @return fails with an {@link IllegalArgumentException} if {@code buffer} is not positive
     */
    public Future<AsyncIterable<T>> messages(int buffer) {
        return callForItems(continuation -> delegate.messages(buffer, continuation));
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
