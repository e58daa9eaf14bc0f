// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.facade.simulation.ExploreOptions
import dev.simul.facade.simulation.Simulations
import java.time.Duration

/** Runs tests of Java. The facade's classes may be absent, and nothing else names those of its simulations. */
internal object BodyRuns {
    /** Runs [test] in simulations as [simulated] says; returns what there was to see. */
    fun explore(
        simulated: Simulated,
        test: SimulatedTest,
    ): Any =
        Simulations.explore(
            ExploreOptions()
                .seeds(simulated.seeds)
                .budget(Duration.ofSeconds(simulated.budgetSeconds))
                .schedule(simulated.schedule)
                .firstSeed(simulated.firstSeed)
                .collect(simulated.collect),
        ) { test.newRun().runInBody(it) }
}
