// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.histories.Model;
import dev.simul.simulation.histories.Step;
import dev.simul.simulation.histories.Verdict;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.simulation.Simulations.simulate;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HistoryTest {
    /** A counter: {@code n} is added, and the sum returned. */
    private static final class Counter implements Model<Integer, Integer, Integer> {
        @Override
        public Integer getInitial() {
            return 0;
        }

        @Override
        public Step<Integer, Integer> step(Integer state, Integer operation) {
            return new Step<>(state + operation, state + operation);
        }
    }

    @Test
    @DisplayName("calls that some order explains are linearizable")
    void linearizable() throws Exception {
        var history = new History<Integer, Integer>();
        var first = history.begin("ada", 1);
        int sum = history.record("bob", 2, () -> 2);
        assertEquals(2, sum);
        first.returned(3);
        history.begin("cy", 5).failed();
        assertTrue(history.begin("dee", 9).isPending());
        assertEquals(List.of("ada", "bob", "dee"), history.calls().stream().map(it -> it.process()).toList());
        assertEquals("ada: 1 -> 3 [event 1 to event 4]", first.toString());
        assertEquals(List.of(1, 3, 1, 4), List.of(first.operation(), first.result(), first.begin(), first.end()));
        assertEquals(Verdict.Linearizable.INSTANCE, history.check(new Counter()));
        history.check(new Counter()).orThrow();
        assertInstanceOf(Verdict.Undecided.class, history.check(new Counter(), 1));
        assertEquals(3, history.toString().lines().count());
    }

    @Test
    @DisplayName("calls that no order explains are not, and the verdict says why, with the simulation's times")
    void notLinearizable() {
        simulate(1, sim -> {
            var history = new History<Integer, Integer>(sim::now);
            for (var name : List.of("ada", "bob")) {
                await(sim.host(name, () -> {
                    history.record(name, 1, () -> {
                        await(sleep(ofSeconds(1)));
                        return 1;
                    });
                }).join());
            }
            assertThrows(IOException.class, () -> history.record("cy", 1, () -> {
                throw new IOException("cut off");
            }));
            var verdict = assertInstanceOf(Verdict.NotLinearizable.class, history.check(new Counter()));
            assertEquals("bob", verdict.misfit().process());
            assertEquals(1, verdict.order().size());
            assertThrows(AssertionError.class, verdict::orThrow);
            assertTrue(verdict.toString().contains("  bob: 1 -> 1 [1s to 2s]\n"), verdict::toString);
        });
    }
}
