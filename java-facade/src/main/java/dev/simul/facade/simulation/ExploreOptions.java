// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.Schedule;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How {@link Simulations#explore(ExploreOptions, SimulatedProgram)} searches. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * explore(new ExploreOptions().seeds(10_000).schedule(Schedule.CHAOS), sim -> …);
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class ExploreOptions implements Cloneable {
    int seeds = 1_000;
    Duration budget = Duration.ofSeconds(60);
    Schedule schedule = Schedule.RANDOM;
    long firstSeed = 1;
    boolean collect;

    /** The defaults. */
    public ExploreOptions() {}

    private ExploreOptions with(Consumer<ExploreOptions> change) {
        try {
            var changed = (ExploreOptions) super.clone();
            change.accept(changed);
            return changed;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sets how many seeds to run; the default is 1,000. */
    public ExploreOptions seeds(int seeds) {
        return with(it -> it.seeds = seeds);
    }

    /**
     * Limits the time, by the machine's clock, after which no further seed is begun; the default is a minute. Shrinking takes at most as
     * long again, for each failure.
     */
    public ExploreOptions budget(Duration budget) {
        return with(it -> it.budget = budget);
    }

    /** Sets who decides the order of what is ready at the same time; the default is {@link Schedule#RANDOM}. */
    public ExploreOptions schedule(Schedule schedule) {
        return with(it -> it.schedule = schedule);
    }

    /** Sets the first seed, which those to run follow; the default is 1. */
    public ExploreOptions firstSeed(long seed) {
        return with(it -> it.firstSeed = seed);
    }

    /** Sets whether to go on after a failure, and throw one of each kind, the others suppressed in the first; by default it ends. */
    public ExploreOptions collect(boolean collect) {
        return with(it -> it.collect = collect);
    }

    @Override
    public String toString() {
        return "ExploreOptions(seeds=" + seeds + ", budget=" + budget + ", schedule=" + schedule + ", firstSeed=" + firstSeed
                + ", collect=" + collect + ")";
    }
}
