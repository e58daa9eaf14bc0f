// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.interop.JavaSimulation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A further loop of a {@link Host}, which the host's code has started as another program starts a thread with a loop in it, such as a
 * worker of {@link dev.simul.facade.Asyncio#serve}.
 *
 * <p>It has the machine, the network and the clock of its host, and ends with it: by a crash at once, and otherwise when the host's main
 * has ended. Two are equal if they are the same loop.
 *
 * <p>Only code of the simulation may call its methods. asyncio has no equivalent.
 */
public final class HostLoop {
    private final dev.simul.simulation.HostLoop delegate;

    HostLoop(dev.simul.simulation.HostLoop delegate) {
        this.delegate = delegate;
    }

    /** The host's name and the loop's own, such as {@code server/worker-1}, as the transcript shows it. */
    public String name() {
        return delegate.getName();
    }

    /** Whether the loop is open: not after its main has ended, nor after a crash of its host. */
    public boolean isRunning() {
        return delegate.isRunning();
    }

    /**
     * The loop does nothing for that long, while the other loops of its host go on, and so do the threads that work for it: as if a callback
     * blocked it. It begins when the loop's current turn is over. A second pause counts from its own beginning, if it ends later.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public void pause(Duration duration) {
        JavaSimulation.pause(delegate, duration);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HostLoop loop && delegate == loop.delegate;
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
