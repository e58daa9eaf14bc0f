// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTime;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.JavaTime.timeoutInBody;

/**
 * A time limit; passed to the body of {@link Asyncio#timeout} and {@link Asyncio#timeoutAt}.
 *
 * <p>Source: {@code asyncio.Timeout}.
 */
public final class Timeout {
    private final dev.simul.Timeout delegate;

    Timeout(dev.simul.Timeout delegate) {
        this.delegate = delegate;
    }

    <T extends @Nullable Object> T run(Body<? super Timeout, T> body) {
        return timeoutInBody(delegate, () -> body.call(this));
    }

    /** The deadline, as a time of {@link EventLoop#time}; empty if there is none. Source: {@code Timeout.when()}. */
    public Optional<Duration> when() {
        return Optional.ofNullable(JavaTime.whenOf(delegate));
    }

    /**
     * Moves the deadline.
     *
     * <p>Source: {@code Timeout.reschedule(when)}.
     *
     * @param when a time of {@link EventLoop#time}, where one in the past means the next turn; null for no deadline
     * @throws IllegalStateException after the body has ended, and if the deadline has passed
     */
    public void reschedule(@Nullable Duration when) {
        JavaTime.reschedule(delegate, when);
    }

    /**
     * Whether the deadline has passed within the body, even if the body refused to stop.
     *
     * <p>Source: {@code Timeout.expired()}.
     */
    public boolean expired() {
        return delegate.expired();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
