// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A {@link java.util.concurrent.Callable} that receives the scope it runs in: a {@link TaskGroup} or a {@link Timeout}.
 *
 * <p>Source: the block of {@code async with ... as scope}.
 *
 * @param <S> the scope
 * @param <T> the result
 */
@FunctionalInterface
public interface Body<S, T extends @Nullable Object> {
    /** Runs in {@code scope}. Its exceptions reach the awaiting code unwrapped. */
    T call(S scope) throws Exception;
}
