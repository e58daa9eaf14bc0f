// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTime;
import java.time.Duration;

/**
 * A callback that is scheduled for a time of the loop's clock.
 *
 * <p>Source: {@code asyncio.TimerHandle}.
 */
public final class TimerHandle extends Handle {
    private final dev.simul.loop.TimerHandle delegate;

    TimerHandle(dev.simul.loop.TimerHandle delegate) {
        super(delegate);
        this.delegate = delegate;
    }

    /** When it is due, as a time of {@link EventLoop#time}. Source: {@code TimerHandle.when()}. */
    public Duration when() {
        return JavaTime.whenOf(delegate);
    }
}
