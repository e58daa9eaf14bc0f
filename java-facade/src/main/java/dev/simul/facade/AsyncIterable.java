// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Iterator;
import java.util.concurrent.Flow.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * Items that a body may have to wait for, one after the other, in an ordinary {@code for} loop.
 *
 * <pre>{@code
 * try (var lines = fromPublisher(publisher)) {
 *     for (String line : lines) {
 *         queue.put(line).await();
 *     }
 * }
 * }</pre>
 *
 * <p>All its loops share the items, each of which is had once. Leaving a loop early leaves this open, as in Python, so that
 * another may go on: close it by {@code try}-with-resources. One that is left open is closed when the loop shuts down.
 *
 * <p>Source: {@code collections.abc.AsyncIterator}.
 */
public interface AsyncIterable<T extends @Nullable Object> extends Iterable<T>, AsyncCloseable {
    /**
     * An iterator for {@code async for} in the calling body: its {@code hasNext()} awaits the next item in place, and throws
     * what was thrown instead. Source: {@code aiter(generator)}.
     */
    @Override
    Iterator<T> iterator();

    /**
     * The next item.
     *
     * <p>Source: {@code anext(generator)}.
     *
     * @return fails with {@link dev.simul.exceptions.StopAsyncIteration} if there are no more, and with {@link IllegalStateException} while
     *     another call is under way
     */
    Future<T> anext();

    /** The next item, or {@code defaultItem} if there are no more. Source: {@code anext(generator, default)}. */
    Future<T> anext(T defaultItem);

    /**
     * A publisher of the items that are left, for the JVM's reactive libraries; any thread may subscribe, ask and cancel.
     *
     * <p>It takes one subscriber and refuses another with an {@link IllegalStateException}, since the items are there once. They
     * are taken by a task of the calling body's loop that runs with the body's context variables; it takes an item when it was
     * asked for, no sooner, and hands it over in the loop's thread, which the subscriber must not block. An item that is null
     * fails it with a {@link NullPointerException}.
     *
     * <p>Cancelling the subscription cancels the task and closes this. When the task is cancelled, at the end of
     * {@link Asyncio#run} say, the subscriber gets a {@link dev.simul.exceptions.CancelledException}.
     *
     * @throws IllegalStateException if the caller runs on no loop
     */
    Publisher<T> toPublisher();
}
