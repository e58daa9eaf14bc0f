// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.interop.JavaSimulation;
import java.time.Duration;

/** What {@link Simulations#explore(ExploreOptions, SimulatedProgram)} has run, none of which failed. asyncio has no equivalent. */
public final class Exploration {
    private final dev.simul.simulation.Exploration delegate;

    Exploration(dev.simul.simulation.Exploration delegate) {
        this.delegate = delegate;
    }

    /** How many seeds were run; fewer than it was to run if its time ended before. */
    public int runs() {
        return delegate.getRuns();
    }

    /** How many of the runs had a transcript unlike those of all others. */
    public int interleavings() {
        return delegate.getInterleavings();
    }

    /** How long it took, by the machine's clock. */
    public Duration elapsed() {
        return JavaSimulation.elapsedOf(delegate);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
