// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a {@linkplain Asyncio#staggeredRace staggered race}.
 *
 * <p>Source: the tuple that {@code asyncio.staggered.staggered_race} returns.
 *
 * @param <T> the type of the result
 * @param result the winner's result; null if all attempts failed
 * @param winner the index of the attempt that succeeded; null if all failed
 * @param exceptions the exception of each attempt that was started; null for the winner
 */
public record StaggeredResult<T extends @Nullable Object>(
        @Nullable T result, @Nullable Integer winner, List<@Nullable Throwable> exceptions) {
    static <T extends @Nullable Object> StaggeredResult<T> of(dev.simul.staggered.StaggeredResult<? extends T> delegate) {
        List<@Nullable Throwable> exceptions = new ArrayList<>(delegate.getExceptions());
        return new StaggeredResult<>(delegate.getResult(), delegate.getWinner(), Collections.unmodifiableList(exceptions));
    }
}
