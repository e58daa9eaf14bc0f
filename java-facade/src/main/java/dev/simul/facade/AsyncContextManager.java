// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A resource that is entered before a block and exited after it, however the block ends; used by {@link Asyncio#asyncWith}.
 *
 * <p>Both methods are bodies, which may await. A resource that only cleans up should be {@link AutoCloseable}; this interface is
 * for one that must know how its block ended, or that suppresses exceptions.
 *
 * <p>Source: {@code contextlib.AbstractAsyncContextManager}.
 */
public interface AsyncContextManager<T extends @Nullable Object> {
    /** Enters the manager, and returns the value that the block works with. Source: {@code __aenter__}. */
    T aenter() throws Exception;

    /**
     * Exits the manager. An exception that this throws replaces the block's.
     *
     * <p>Source: {@code __aexit__}.
     *
     * @param exception the exception that the block has thrown, which may be a cancellation, or null
     * @return whether to suppress the exception, so that execution continues after the block
     */
    boolean aexit(@Nullable Throwable exception) throws Exception;

    /** The block of {@link Asyncio#asyncWith} and {@link Asyncio#with}. */
    @FunctionalInterface
    interface Block<T extends @Nullable Object, R extends @Nullable Object> {
        /** Runs the block with the value that the manager returned. */
        R run(T value) throws Exception;
    }

    /** Only the exit of a manager, for an exit stack. */
    @FunctionalInterface
    interface Exit {
        /** As {@link AsyncContextManager#aexit}. */
        boolean exit(@Nullable Throwable exception) throws Exception;
    }
}
