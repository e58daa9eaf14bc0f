// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaSync;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.callForNothing;

/**
 * Lets at most a number of tasks enter in any stretch of time of a given length, wherever it begins: a sliding window.
 *
 * <pre>{@code
 * var limiter = new RateLimiter(100, ofMinutes(1));
 * limiter.acquire().await();
 * }</pre>
 *
 * <p>With a limit of 100, the first hundred tasks enter at once; then each has to wait until the length of the window has passed
 * since the entry a hundred places before its own. So no two windows can be used up side by side, as with a token bucket or with
 * windows at fixed times, which let twice the limit through in a moment; what an API means by "100 requests in a minute" is kept
 * wherever its minute begins. An entry counts from the time when its task goes on, on the loop's clock.
 *
 * <p>Tasks enter in the order they asked. It says when tasks begin, not how many are at work: combine it with a {@link Semaphore}
 * for that. Nothing is to be released.
 *
 * <p>It belongs to the loop on which it was first used, whose clock it goes by. It keeps the times of as many entries as its
 * limit, eight bytes each.
 *
 * <p>asyncio has no equivalent.
 */
public final class RateLimiter implements AsyncContextManager<@Nullable Void> {
    private final dev.simul.sync.RateLimiter limiter;

    /**
     * Lets at most {@code limit} tasks enter in any stretch of time that is {@code per} long.
     *
     * @throws IllegalArgumentException if {@code limit} or {@code per} is not positive
     */
    public RateLimiter(int limit, Duration per) {
        limiter = JavaSync.rateLimiter(limit, per);
    }

    /**
     * Whether {@link #acquire} would wait: the window is used up, or others wait already.
     *
     * @throws IllegalStateException on another loop than the limiter's, or outside of one
     */
    public boolean locked() {
        return limiter.locked();
    }

    /**
     * Enters, waiting until it is this task's turn and the window has room; if it need not wait, it does not give up the turn.
     *
     * <p>A task that is cancelled while it waits does not enter, and its place goes to the next one.
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
