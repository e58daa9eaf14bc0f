// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A resource whose closing may have to wait; in a body, {@code try}-with-resources awaits it.
 *
 * <p>Source: an object with an {@code aclose()} method, as {@code contextlib.aclosing} takes them.
 */
public interface AsyncCloseable extends AutoCloseable {
    /** Closes this; does nothing if it is closed already. Source: {@code aclose()}. */
    Future<@Nullable Void> aclose();

    /**
     * Closes this in the calling body, and returns when it is closed.
     *
     * <p>Source: the end of {@code async with contextlib.aclosing(thing)}.
     *
     * @throws IllegalStateException if the caller is not a body
     */
    @Override
    default void close() {
        aclose().await();
    }
}
