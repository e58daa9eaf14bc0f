// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation;

import dev.simul.demo.gallery.simulation.javastore.StoreFailure;
import dev.simul.demo.gallery.simulation.store.Bug;
import dev.simul.facade.simulation.ExploreOptions;
import dev.simul.facade.simulation.Simulations;
import dev.simul.simulation.ExplorationFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

import static dev.simul.demo.gallery.simulation.ExploreStoreKt.report;

final class ExploreStore {
    private ExploreStore() {}

    /** Runs the store with many seeds, until one fails. */
    static StoreExploration explore(int seeds, @Nullable Bug bug) {
        var options = new ExploreOptions().seeds(seeds).budget(Duration.ofDays(1));
        try {
            var exploration = Simulations.explore(options, sim -> ReplicatedStore.replicatedStore(sim, bug));
            return new StoreExploration(false, exploration.toString());
        } catch (ExplorationFailure e) {
            StoreFailure failure = failureIn(e);
            return new StoreExploration(true, report(e, failure.story(), failure.getMessage()));
        }
    }

    private static StoreFailure failureIn(ExplorationFailure found) {
        for (Throwable cause = found; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreFailure failure) {
                return failure;
            }
        }
        throw found;
    }
}
