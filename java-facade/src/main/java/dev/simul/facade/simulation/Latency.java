// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.interop.JavaSimulation;
import java.time.Duration;

/**
 * How long something takes: each time any duration from the least to the most one, all of them equally likely. The plainest choice is the
 * least one.
 *
 * <pre>{@code
 * network.conditions().latency(new Latency(ofMillis(1), ofMillis(5)).withSpikes(0.01, ofSeconds(2)));
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class Latency {
    /** No time at all. */
    public static final Latency NONE = new Latency(Duration.ZERO);

    final dev.simul.simulation.Latency delegate;

    /**
     * Always the same.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public Latency(Duration always) {
        this(always, always);
    }

    /**
     * A duration from the one to the other.
     *
     * @throws IllegalArgumentException if a duration is negative, or {@code to} is less than {@code from}
     */
    public Latency(Duration from, Duration to) {
        this(JavaSimulation.latency(from, to));
    }

    Latency(dev.simul.simulation.Latency delegate) {
        this.delegate = delegate;
    }

    /** At least as long. */
    public Duration from() {
        return JavaSimulation.fromOf(delegate);
    }

    /** At most as long, but for spikes. */
    public Duration to() {
        return JavaSimulation.toOf(delegate);
    }

    /**
     * This latency, which now and then, with that probability, is anything up to {@code longest}: the long tail that a busy switch or a
     * lost packet gives real networks.
     *
     * @throws IllegalArgumentException if {@code probability} is not from 0.0 to 1.0, or {@code longest} is less than {@link #to}
     */
    public Latency withSpikes(double probability, Duration longest) {
        return new Latency(JavaSimulation.withSpikes(delegate, probability, longest));
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
