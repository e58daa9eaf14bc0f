// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.Schedule;
import dev.simul.simulation.SimulationFailure;
import java.util.stream.Stream;

import static dev.simul.facade.simulation.Simulations.simulate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** What happens in simulations; only a failure shows it. */
final class Transcripts {
    private Transcripts() {}

    /** The transcript of a program that ends well. */
    static String of(long seed, Schedule schedule, SimulatedProgram program) {
        var end = assertThrows(IllegalStateException.class, () -> simulate(seed, schedule, sim -> {
            program.run(sim);
            throw new IllegalStateException("the end");
        }));
        assertEquals("the end", end.getMessage());
        return failureOf(end).getMessage();
    }

    /** How to repeat the simulation that has failed in this way, and what happened in it. */
    static SimulationFailure failureOf(Throwable failure) {
        return Stream.of(failure.getSuppressed())
                .filter(SimulationFailure.class::isInstance)
                .map(SimulationFailure.class::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is suppressed", failure));
    }
}
