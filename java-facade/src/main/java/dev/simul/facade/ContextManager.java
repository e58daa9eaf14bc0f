// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncContextManager} that never awaits, and needs no loop; used by {@link Asyncio#with}.
 *
 * <p>Source: {@code contextlib.AbstractContextManager}.
 */
public interface ContextManager<T extends @Nullable Object> extends AsyncContextManager<T> {
    /** Enters it, and returns what the block works with. Source: {@code __enter__}. */
    T enter() throws Exception;

    /**
     * Leaves it. What this throws replaces the exception.
     *
     * <p>Source: {@code __exit__}.
     *
     * @param exception what the block has thrown, or null
     * @return whether the exception ends here, and the code after the block goes on
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
