// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncContextManager} that never awaits, and needs no loop; used by {@link Asyncio#with}.
 *
 * <p>Source: {@code contextlib.AbstractContextManager}.
 */
public interface ContextManager<T extends @Nullable Object> extends AsyncContextManager<T> {
    /** Enters the manager, and returns the value that the block works with. Source: {@code __enter__}. */
    T enter() throws Exception;

    /**
     * Exits the manager. An exception that this throws replaces the block's.
     *
     * <p>Source: {@code __exit__}.
     *
     * @param exception the exception that the block has thrown, or null
     * @return whether to suppress the exception, so that execution continues after the block
     */
    boolean exit(@Nullable Throwable exception) throws Exception;

    /** As {@link #enter}. */
    @Override
    default T aenter() throws Exception {
        return enter();
    }

    /** As {@link #exit}. */
    @Override
    default boolean aexit(@Nullable Throwable exception) throws Exception {
        return exit(exception);
    }
}
