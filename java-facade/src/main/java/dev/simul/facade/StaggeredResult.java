// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@linkplain Asyncio#staggeredRace staggered race} has ended.
 *
 * <p>Source: the tuple that {@code asyncio.staggered.staggered_race} returns.
 *
 * @param <T> what the attempts return
 * @param result the winner's; null if all have failed
 * @param winner which attempt has succeeded, counted from 0; null if all have failed
 * @param exceptions what each attempt that was begun has failed with; null for the winner
 */
public record StaggeredResult<T extends @Nullable Object>(
        @Nullable T result, @Nullable Integer winner, List<@Nullable Throwable> exceptions) {
    static <T extends @Nullable Object> StaggeredResult<T> of(dev.simul.staggered.StaggeredResult<? extends T> delegate) {
        List<@Nullable Throwable> exceptions = new ArrayList<>(delegate.getExceptions());
        return new StaggeredResult<>(delegate.getResult(), delegate.getWinner(), Collections.unmodifiableList(exceptions));
    }
}
