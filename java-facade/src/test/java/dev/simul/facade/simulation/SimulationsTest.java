// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.bodies.Carrier;
import dev.simul.facade.Asyncio;
import dev.simul.facade.Event;
import dev.simul.simulation.ExplorationFailure;
import dev.simul.simulation.Schedule;
import dev.simul.testing.Deadlock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.simulation.Simulations.explore;
import static dev.simul.facade.simulation.Simulations.replayCheck;
import static dev.simul.facade.simulation.Simulations.simulate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SimulationsTest {
    @AfterEach
    void forget() {
        System.clearProperty("simul.seed");
        System.clearProperty("simul.carrier");
    }

    /** Three clients of an echo server, each with two tasks; what it draws shows in the transcript. */
    private static void chatter(Simulation sim) {
        sim.host("server", () -> await(await(startServer("0.0.0.0", 80, (reader, writer) -> {
            writer.write(await(reader.readline()));
            await(writer.aclose());
        })).serveForever()));
        var clients = new ArrayList<Host>();
        for (var name : List.of("ada", "bob", "cy")) {
            clients.add(sim.host(name, () -> {
                var other = createTask(() -> ask(sim, name + " first"));
                ask(sim, name + " second");
                await(other);
                sim.log("rolls a " + (1 + getRunningLoop().random().nextInt(6)));
                await(toThread(() -> sim.log("in a thread")));
            }));
        }
        clients.forEach(client -> await(client.join()));
    }

    private static void ask(Simulation sim, String question) throws IOException {
        var connection = await(openConnection("server", 80), IOException.class);
        connection.writer().write(question + "\n");
        sim.log(new String(await(connection.reader().readline())).strip());
        await(connection.writer().aclose());
    }

    @Test
    @DisplayName("an hour of a simulation passes at once")
    void virtualTime() {
        var seen = new ArrayList<Object>();
        simulate(sim -> {
            await(sleep(Duration.ofHours(1)));
            seen.add(sim.now());
            seen.add(sim.toString());
        });
        assertEquals(List.of(Duration.ofHours(1), "<Simulation at PT1H>"), seen);
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    @DisplayName("a seed gives the same transcript with each carrier of bodies, and another one another transcript")
    void sameOnEachCarrier(Schedule schedule) {
        var different = new HashSet<String>();
        for (long seed = 1; seed <= 5; seed++) {
            Set<String> transcripts = new HashSet<>();
            for (var carrier : Carrier.available()) {
                System.setProperty("simul.carrier", carrier.toString());
                transcripts.add(Transcripts.of(seed, schedule, sim -> {
                    assertEquals(carrier, getRunningLoop().carrier());
                    chatter(sim);
                }));
            }
            assertEquals(1, transcripts.size(), () -> String.join("\n\n", transcripts));
            different.addAll(transcripts);
        }
        assertEquals(5, different.size());
        assertTrue(different.iterator().next().contains("in a thread"), different::toString);
    }

    @Test
    @DisplayName("what the program throws is thrown as it is, with the seed and the transcript suppressed")
    void failure() {
        var boom = new IOException("boom");
        SimulatedProgram program = sim -> {
            sim.log("something happens");
            throw boom;
        };
        assertSame(boom, assertThrows(IOException.class, () -> simulate(17, program)));
        var failure = Transcripts.failureOf(boom);
        assertEquals(17, failure.seed());
        assertTrue(failure.getMessage().contains("main  something happens"), failure.getMessage());
        assertTrue(failure.getMessage().contains("with Schedule.ASYNCIO: to run it again, set SIMUL_SEED=17."), failure.getMessage());
    }

    @Test
    @DisplayName("the system property gives the seed of a simulation that has none of its own")
    void seedOfTheProperty() {
        System.setProperty("simul.seed", "42");
        SimulatedProgram failing = sim -> {
            throw new IOException("boom");
        };
        assertEquals(42, Transcripts.failureOf(assertThrows(IOException.class, () -> simulate(failing))).seed());
        assertEquals(1, Transcripts.failureOf(assertThrows(IOException.class, () -> simulate(1, Schedule.CHAOS, failing))).seed());
    }

    @Test
    @DisplayName("a program in which nothing more can happen is a deadlock")
    void deadlock() {
        assertThrows(Deadlock.class, () -> simulate(1, sim -> await(new Event().waitUntilSet())));
    }

    @Test
    @DisplayName("in a running loop a simulation is refused")
    void inALoop() {
        var refused = assertThrows(IllegalStateException.class, () -> Asyncio.run(() -> simulate(1, sim -> {})));
        assertEquals("simulate cannot be called from a running event loop: call it in a plain test or program", refused.getMessage());
        assertThrows(IllegalStateException.class, () -> Asyncio.run(() -> {
            explore(sim -> {});
        }));
    }

    /** Loses an update where two tasks are unlucky. */
    private static void counting(Simulation sim) {
        var count = new AtomicInteger();
        var counters = new ArrayList<Host>();
        for (var name : List.of("one", "two")) {
            counters.add(sim.host(name, () -> {
                await(sleep(Duration.ofMillis(getRunningLoop().random().nextInt(20))));
                int before = count.get();
                await(sleep(Duration.ofMillis(1)));
                count.set(before + 1);
            }));
        }
        counters.forEach(it -> await(it.join()));
        if (count.get() != 2) {
            throw new IllegalStateException("an update is lost");
        }
    }

    @Test
    @DisplayName("a failing run is found and shrunk, and replayed by what the failure says")
    void found() {
        var found = assertThrows(ExplorationFailure.class, () -> explore(10_000, SimulationsTest::counting));
        assertEquals("an update is lost", found.getCause().getMessage());
        assertTrue(found.seed() > 0, found::getMessage);
        assertTrue(found.replay().startsWith("choices:"), found::getMessage);
        assertTrue(found.getMessage().contains("Transcript of the shrunk run:\n"), found::getMessage);

        for (var given : List.of(found.replay(), found.seed().toString())) {
            System.setProperty("simul.seed", given);
            var runs = new AtomicInteger();
            var replayed = assertThrows(ExplorationFailure.class, () -> explore(sim -> {
                runs.incrementAndGet();
                counting(sim);
            }));
            assertEquals("an update is lost", replayed.getCause().getMessage());
            assertEquals(1, runs.get());
        }
        assertNull(assertThrows(ExplorationFailure.class, () -> {
            System.setProperty("simul.seed", found.replay());
            explore(SimulationsTest::counting);
        }).seed());
    }

    @Test
    @DisplayName("a program that is right is run with each seed")
    void right() {
        var exploration = explore(new ExploreOptions().seeds(200).schedule(Schedule.CHAOS), SimulationsTest::chatter);
        assertEquals(200, exploration.runs());
        assertTrue(exploration.interleavings() > 150, exploration::toString);
        assertTrue(exploration.elapsed().compareTo(Duration.ZERO) > 0, exploration::toString);
        assertTrue(exploration.toString().startsWith("Runs: 200, different interleavings: "), exploration::toString);
        var one = explore(sim -> {});
        assertEquals(List.of(1_000, 1), List.of(one.runs(), one.interleavings()));
    }

    @Test
    @DisplayName("the options say which seeds are run, for how long, and whether to go on after a failure")
    void options() {
        Set<Integer> drawn = ConcurrentHashMap.newKeySet();
        SimulatedProgram draws = sim -> drawn.add(getRunningLoop().random().nextInt());
        var one = new ExploreOptions().seeds(1).firstSeed(17);
        explore(one, draws);
        simulate(17, Schedule.RANDOM, draws);
        assertEquals(1, drawn.size());
        assertEquals("ExploreOptions(seeds=1, budget=PT1M, schedule=RANDOM, firstSeed=17, collect=false)", one.toString());

        var briefly = explore(new ExploreOptions().seeds(1_000_000).budget(Duration.ofMillis(1)), draws);
        assertTrue(briefly.runs() < 1_000_000, briefly::toString);

        var both = assertThrows(ExplorationFailure.class, () -> explore(new ExploreOptions().seeds(100).collect(true), sim -> {
            if (getRunningLoop().random().nextInt(2) == 0) {
                throw new IOException("the one");
            }
            throw new IllegalStateException("the other");
        }));
        var kinds = Set.of(both.getCause().getMessage(), both.getSuppressed()[0].getCause().getMessage());
        assertEquals(Set.of("the one", "the other"), kinds);
        assertThrows(IllegalArgumentException.class, () -> explore(0, sim -> {}));
    }

    static class Chatter implements SimulatedProgram {
        @Override
        public void run(Simulation simulation) {
            chatter(simulation);
        }
    }

    static class WallClock implements SimulatedProgram {
        @Override
        public void run(Simulation simulation) {
            await(sleep(Duration.ofNanos(System.nanoTime() % 1_000_000_007)));
        }
    }

    record Unmakeable(int number) implements SimulatedProgram {
        @Override
        public void run(Simulation simulation) {}
    }

    @Test
    @DisplayName("a program that depends on its simulation alone makes the same steps in a fresh JVM")
    void replayed() {
        replayCheck(Chatter.class);
        replayCheck(Chatter.class, 8);
        replayCheck(Chatter.class, 1, Schedule.CHAOS, 20);
    }

    @Test
    @DisplayName("one that reads the machine's clock is caught, and one that cannot be made by name is refused")
    void notReplayed() {
        var caught = assertThrows(AssertionError.class, () -> replayCheck(WallClock.class));
        assertTrue(caught.getMessage().contains(" differs, in its time:\n"), caught::getMessage);
        var refused = assertThrows(IllegalArgumentException.class, () -> replayCheck(Unmakeable.class));
        assertEquals(
                Unmakeable.class.getName() + " cannot be made by name: it needs a constructor without parameters that can be called",
                refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> replayCheck(Chatter.class, 1, Schedule.ASYNCIO, 0));
    }
}
