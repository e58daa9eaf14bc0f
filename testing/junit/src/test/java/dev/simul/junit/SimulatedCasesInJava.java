// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit;

import dev.simul.facade.simulation.Simulation;
import dev.simul.simulation.Schedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Test classes for the engine that the tests run, as {@link SimulatedCases}. */
final class SimulatedCasesInJava {
    private SimulatedCasesInJava() {}

    static class Race {
        private int count;

        @Simulated
        void anUpdateIsLost(Simulation sim) {
            var counters = List.of("one", "two").stream().map(name -> sim.host(name, () -> {
                await(sleep(Duration.ofMillis(getRunningLoop().random().nextInt(20))));
                int before = count;
                await(sleep(Duration.ofMillis(1)));
                count = before + 1;
            })).toList();
            counters.forEach(it -> await(it.join()));
            if (count != 2) {
                throw new IllegalStateException("an update is lost");
            }
        }

        @Simulated(seeds = 200, schedule = Schedule.CHAOS)
        void right(Simulation sim) {
            var counters = List.of("one", "two").stream().map(name -> sim.host(name, () -> count++)).toList();
            counters.forEach(it -> await(it.join()));
            assertEquals(2, count);
        }
    }

    static class Around {
        private final List<String> seen = new ArrayList<>();

        @BeforeEach
        void start(Simulation sim) {
            await(sleep(Duration.ofSeconds(1)));
            seen.add("before at " + sim.now());
        }

        @Simulated(seeds = 20)
        void passes(Simulation sim) {
            await(sleep(Duration.ofSeconds(1)));
            seen.add("test at " + sim.now());
        }

        @AfterEach
        void end() {
            await(sleep(Duration.ofSeconds(1)));
            seen.add("after");
            JavaCases.EVENTS.add(String.join(", ", seen));
        }
    }

    static class NoSimulation {
        @Simulated
        void forgotten() {}
    }

    static class OtherLanguage {
        @Simulated
        void other(dev.simul.simulation.Simulation simulation) {
            simulation.log("never");
        }
    }

    static class SuspendBefore extends SuspendBeforeBase {
        @Simulated
        void test(Simulation sim) {}
    }
}
