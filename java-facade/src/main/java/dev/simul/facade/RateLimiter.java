// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaSync;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.callForNothing;

/**
 * Limits how many tasks enter in any window of time of a given length, wherever it begins: a sliding window.
 *
 * <pre>{@code
 * var limiter = new RateLimiter(100, ofMinutes(1));
 * limiter.acquire().await();
 * }</pre>
 *
 * <p>With a limit of 100, the first hundred tasks enter at once; then each has to wait until the length of the window has passed
 * since the entry a hundred places before its own. A token bucket, or windows at fixed times, can let twice the limit through in
 * a short time; this limiter cannot, so it keeps an API's "100 requests in a minute" wherever the API's minute begins. An entry
 * counts from the time when its task continues, on the loop's clock.
 *
 * <p>Tasks enter in the order in which they asked. It limits how often tasks start, not how many are at work: combine it with a
 * {@link Semaphore} for that. There is nothing to release.
 *
 * <p>It belongs to the loop on which it is first used, and uses that loop's clock. It stores the times of as many entries as its
 * limit, eight bytes each.
 *
 * <p>asyncio has no equivalent.
 */
public final class RateLimiter implements AsyncContextManager<@Nullable Void> {
    private final dev.simul.sync.RateLimiter limiter;

    /**
     * Lets at most {@code limit} tasks enter in any window of length {@code per}.
     *
     * @throws IllegalArgumentException if {@code limit} or {@code per} is not positive
     */
    public RateLimiter(int limit, Duration per) {
        limiter = JavaSync.rateLimiter(limit, per);
    }

    /**
     * As {@link #RateLimiter(int, Duration)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent.
     */
    public RateLimiter(int limit, Duration per, String name) {
        limiter = JavaSync.rateLimiter(limit, per, name);
    }

    /**
     * Whether {@link #acquire} would wait: the window is full, or other tasks are waiting.
     *
     * @throws IllegalStateException on another loop than the limiter's, or outside of one
     */
    public boolean locked() {
        return limiter.locked();
    }

    /**
     * Enters, waiting until it is this task's turn and the window has room; if it need not wait, it does not give up the turn.
     *
     * <p>A task that is cancelled while it waits does not enter, and its place goes to the next task.
     *
     * @return fails with {@link IllegalStateException} on another loop than the limiter's
     */
    public Future<@Nullable Void> acquire() {
        return callForNothing(limiter::acquire);
    }

    /** Enters, in the calling body. */
    @Override
    public @Nullable Void aenter() {
        awaitHere(limiter::acquire);
        return null;
    }

    /** Does nothing; suppresses nothing. */
    @Override
    public boolean aexit(@Nullable Throwable exception) {
        return false;
    }

    @Override
    public String toString() {
        return limiter.toString();
    }
}
