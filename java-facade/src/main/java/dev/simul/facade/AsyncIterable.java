// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Iterator;
import java.util.concurrent.Flow.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of items that a body awaits one by one, in an ordinary {@code for} loop.
 *
 * <pre>{@code
 * try (var lines = fromPublisher(publisher)) {
 *     for (String line : lines) {
 *         queue.put(line).await();
 *     }
 * }
 * }</pre>
 *
 * <p>All {@code for} loops over it share the items, and each item is delivered once. Leaving a {@code for} loop early leaves this
 * open, as in Python, so that another can continue: close it by {@code try}-with-resources. Otherwise it is closed when the event
 * loop shuts down.
 *
 * <p>Source: {@code collections.abc.AsyncIterator}.
 */
public interface AsyncIterable<T extends @Nullable Object> extends Iterable<T>, AsyncCloseable {
    /**
     * An iterator for {@code async for} in the calling body: its {@code hasNext()} awaits the next item in place, and throws if
     * that fails. Source: {@code aiter(generator)}.
     */
    @Override
    Iterator<T> iterator();

    /**
     * The next item.
     *
     * <p>Source: {@code anext(generator)}.
     *
     * @return fails with {@link dev.simul.exceptions.StopAsyncIteration} if there are no more, and with
     *     {@link IllegalStateException} while another call is in progress
     */
    Future<T> anext();

    /** The next item, or {@code defaultItem} if there are no more. Source: {@code anext(generator, default)}. */
    Future<T> anext(T defaultItem);

    /**
     * A publisher of the remaining items, for the JVM's reactive libraries; any thread may subscribe, request and cancel.
     *
     * <p>It accepts one subscriber, and refuses others with an {@link IllegalStateException}, since each item is delivered once.
     * A task of the calling body's loop, which runs with the body's context variables, takes the items; it takes an item only
     * when it is requested, and delivers it in the loop's thread, which the subscriber must not block. A null item fails the
     * publisher with a {@link NullPointerException}.
     *
     * <p>Cancelling the subscription cancels the task and closes this. When the task is cancelled, for example at the end of
     * {@link Asyncio#run}, the subscriber gets a {@link dev.simul.exceptions.CancelledException}.
     *
     * @throws IllegalStateException if the caller does not run on a loop
     */
    Publisher<T> toPublisher();
}
