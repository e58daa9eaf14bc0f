// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.Repeating;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long {@link Asyncio#retry} pauses between two attempts. Immutable: {@link #jittered} returns a changed copy.
 *
 * <pre>{@code
 * var backoff = Backoff.exponential(ofMillis(100), 2, ofSeconds(10)).jittered();
 * }</pre>
 *
 * <p>Two are equal if their pauses are equal, and they use the same source of random numbers.
 *
 * <p>asyncio has no equivalent.
 */
public final class Backoff {
    /** No pauses; each new attempt gives up one turn. */
    public static final Backoff NONE = constant(Duration.ZERO);

    final dev.simul.repeating.Backoff delegate;

    private Backoff(dev.simul.repeating.Backoff delegate) {
        this.delegate = delegate;
    }

    /**
     * The same pause each time.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public static Backoff constant(Duration delay) {
        return new Backoff(Repeating.constantBackoff(delay));
    }

    /**
     * Pauses that grow: {@code initial} after the first failure, and then each pause twice as long as the one before.
     *
     * @throws IllegalArgumentException if {@code initial} is negative
     */
    public static Backoff exponential(Duration initial) {
        return exponential(initial, 2, null);
    }

    /**
     * Pauses that grow: {@code initial} after the first failure, and then each pause {@code factor} times as long as the one
     * before, up to {@code max}.
     *
     * @param max the longest pause; null for none
     * @throws IllegalArgumentException if {@code initial} is negative, {@code factor} is less than 1 or not finite, or
     *     {@code max} is less than {@code initial}
     */
    public static Backoff exponential(Duration initial, double factor, @Nullable Duration max) {
        return new Backoff(Repeating.exponentialBackoff(initial, factor, max));
    }

    /** As {@link #jittered(RandomGenerator)}, with the random source of the loop that it is used on: see {@link EventLoop#setRandom}. */
    public Backoff jittered() {
        return jittered(1);
    }

    /** As {@link #jittered(RandomGenerator, double)}, with the random source of the loop that it is used on. */
    public Backoff jittered(double fraction) {
        return new Backoff(Repeating.jittered(delegate, fraction));
    }

    /** As {@link #jittered(RandomGenerator, double)} with 1, which is also called full jitter. */
    public Backoff jittered(RandomGenerator random) {
        return jittered(random, 1);
    }

    /**
     * A copy whose pauses are shortened at random, so that clients that failed together do not come back together.
     *
     * <p>With a {@code fraction} of 0.25, a pause of 8 seconds takes from 6 to 8 seconds. Pauses never grow, so that {@code max}
     * holds.
     *
     * @param random supplies one {@code nextDouble} for each pause; a source with a seed makes the pauses of a test repeatable
     * @param fraction how much of a pause is random, from 0 to 1
     * @throws IllegalArgumentException if {@code fraction} is not between 0 and 1
     */
    public Backoff jittered(RandomGenerator random, double fraction) {
        return new Backoff(Repeating.jittered(delegate, random, fraction));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Backoff backoff && delegate.equals(backoff.delegate);
    }

    @Override
    public int hashCode() {
        return delegate.hashCode();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
