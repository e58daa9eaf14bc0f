// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs;

import dev.simul.facade.Lock;
import dev.simul.facade.Supervisor;
import dev.simul.facade.simulation.Exploration;
import dev.simul.facade.simulation.ExploreOptions;
import dev.simul.facade.simulation.History;
import dev.simul.facade.simulation.Host;
import dev.simul.facade.simulation.Latency;
import dev.simul.facade.simulation.SimulatedProgram;
import dev.simul.facade.simulation.Simulation;
import dev.simul.junit.Simulated;
import dev.simul.simulation.Schedule;
import dev.simul.simulation.histories.Model;
import dev.simul.simulation.histories.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.simulation.Simulations.explore;
import static dev.simul.facade.simulation.Simulations.replayCheck;
import static dev.simul.facade.simulation.Simulations.simulate;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The blocks of Java of the guide to simulation; {@link SimulationGuideTest} runs them. */
final class SimulationSamplesInJava {
    private SimulationSamplesInJava() {}

    static class BoxOffice {
        private final Set<Integer> sold = new HashSet<>();
        final List<Integer> tickets = new ArrayList<>();

        boolean sell(int seat) {
            if (sold.contains(seat)) return false;
            await(sleep(Duration.ofNanos(100_000))); // The ticket is printed.
            tickets.add(seat);
            sold.add(seat);
            return true;
        }

        void serve() {
            var server = await(startServer("0.0.0.0", 8000, (reader, writer) -> {
                int seat = Integer.parseInt(new String(await(reader.readline())).strip());
                var answer = sell(seat) ? "yours" : "taken";
                writer.write(answer + "\n");
                await(writer.aclose());
            }));
            await(server.serveForever());
        }
    }

    static boolean buy(int seat) {
        var connection = await(openConnection("office", 8000));
        connection.writer().write(seat + "\n");
        var answer = new String(await(connection.reader().readline())).strip();
        await(connection.writer().aclose());
        return answer.equals("yours");
    }

    static void twoCustomers(Simulation sim, BoxOffice office) {
        sim.host("office", () -> office.serve());
        List<Boolean> answers = new ArrayList<>();
        List<Host> customers = new ArrayList<>();
        for (var name : List.of("ada", "bob")) customers.add(sim.host(name, () -> answers.add(buy(7))));
        for (var customer : customers) await(customer.join());
        long sales = answers.stream().filter(it -> it).count();
        if (sales != 1) throw new IllegalStateException("seat 7 was sold " + sales + " times");
    }

    static void oneRun() {
        simulate(1, sim -> twoCustomers(sim, new BoxOffice()));
    }

    static Exploration manyRuns() {
        return explore(1_000, sim -> twoCustomers(sim, new BoxOffice()));
    }

    static class CarefulOffice extends BoxOffice {
        private final Lock lock = new Lock();

        @Override
        boolean sell(int seat) {
            try (var held = lock.hold()) {
                return super.sell(seat);
            }
        }
    }

    static Exploration manyRunsOfTheCarefulOne() {
        var options = new ExploreOptions().seeds(1_000).schedule(Schedule.CHAOS);
        return explore(options, sim -> twoCustomers(sim, new CarefulOffice()));
    }

    static class TwoCustomers implements SimulatedProgram {
        @Override
        public void run(Simulation sim) {
            twoCustomers(sim, new CarefulOffice());
        }
    }

    static void theSameInAnotherJvm() {
        replayCheck(TwoCustomers.class, 17);
    }

    static void aCableIsPulled(Simulation sim, BoxOffice office) {
        sim.network().conditions().latency(new Latency(Duration.ofMillis(5), Duration.ofMillis(80)));
        sim.host("office", () -> office.serve());
        var ada = sim.host("ada", () -> assertTrue(await(timeout(Duration.ofMinutes(1), () -> buy(7)))));
        await(sleep(Duration.ofMillis(20)));
        sim.network().partition("ada", "office");
        sim.log("somebody stumbles over the cable");
        await(sleep(Duration.ofSeconds(10)));
        sim.network().heal();
        await(ada.join());
    }

    static void theOfficeLosesPower(Simulation sim, BoxOffice office) {
        var server = sim.host("office", () -> office.serve());
        var ada = sim.host("ada", () -> {
            boolean isServed = false;
            while (!isServed) {
                try {
                    await(timeout(Duration.ofSeconds(5), () -> buy(7)));
                    isServed = true;
                } catch (Exception e) {
                    sim.log("tries again after " + e);
                    await(sleep(Duration.ofSeconds(1)));
                }
            }
        });
        await(sleep(Duration.ofMillis(2)));
        server.crash();
        await(sleep(Duration.ofSeconds(10)));
        server.restart();
        await(ada.join());
    }

    static void aWorkerHangs(Simulation sim) {
        var office = sim.host("office", () -> await(new Supervisor(2, () -> new BoxOffice().serve()).serveForever()));
        await(sleep(Duration.ofMillis(10)));
        office.loop("worker-1").pause(Duration.ofSeconds(10));
        for (int seat = 7; seat <= 8; seat++) {
            int wanted = seat;
            assertTrue(await(timeout(Duration.ofSeconds(5), () -> buy(wanted))));
        }
    }

    static void neverTwoTickets(Simulation sim, BoxOffice office) {
        sim.always("one ticket for a seat", () -> office.tickets.size() == new HashSet<>(office.tickets).size());
        twoCustomers(sim, office);
    }

    static class Seats implements Model<Boolean, Integer, Boolean> {
        @Override
        public Boolean getInitial() {
            return false;
        }

        @Override
        public Step<Boolean, Boolean> step(Boolean state, Integer operation) {
            return new Step<>(true, !state);
        }

        @Override
        public Object key(Integer operation) {
            return operation;
        }
    }

    static void manyCustomers(Simulation sim, BoxOffice office) {
        var history = new History<Integer, Boolean>(sim::now);
        sim.host("office", () -> office.serve());
        List<Host> customers = new ArrayList<>();
        for (var name : List.of("ada", "bob", "cy")) {
            customers.add(sim.host(name, () -> {
                for (int seat : List.of(1, 2, 3)) history.record(name, seat, () -> buy(seat));
            }));
        }
        for (var customer : customers) await(customer.join());
        history.check(new Seats()).orThrow();
    }

    static class BoxOfficeTest {
        private final BoxOffice office = new CarefulOffice();

        @Simulated(seeds = 1_000, schedule = Schedule.CHAOS)
        void noSeatIsSoldTwice(Simulation sim) {
            twoCustomers(sim, office);
        }
    }
}
