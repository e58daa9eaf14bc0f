// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * What is entered before a block and left after it, however the block ends; used by {@link Asyncio#asyncWith}.
 *
 * <p>Both methods are bodies, which may await. What only cleans up is better {@link AutoCloseable}; this is for what must know
 * how its block has ended, or wants to end an exception.
 *
 * <p>Source: {@code contextlib.AbstractAsyncContextManager}.
 */
public interface AsyncContextManager<T extends @Nullable Object> {
    /** Enters it, and returns what the block works with. Source: {@code __aenter__}. */
    T aenter() throws Exception;

    /**
     * Leaves it. What this throws replaces the exception.
     *
     * <p>Source: {@code __aexit__}.
     *
     * @param exception what the block has thrown, a cancellation too, or null
     * @return whether the exception ends here, and the code after the block goes on
     */
    boolean aexit(@Nullable Throwable exception) throws Exception;

    /** The block of {@link Asyncio#asyncWith} and {@link Asyncio#with}. */
    @FunctionalInterface
    interface Block<T extends @Nullable Object, R extends @Nullable Object> {
        /** Works with what the manager gave. */
        R run(T value) throws Exception;
    }

    /** The end of a block alone, for an exit stack. */
    @FunctionalInterface
    interface Exit {
        /** As {@link AsyncContextManager#aexit}. */
        boolean exit(@Nullable Throwable exception) throws Exception;
    }
}
