// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.bodies.Carrier;
import dev.simul.facade.BodyThreads;
import dev.simul.facade.Supervisor;
import dev.simul.simulation.Schedule;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentWorker;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.simulation.Simulations.simulate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HostTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> events = new ArrayList<>();

    private void note(Simulation sim, String what) {
        events.add(what + " at " + sim.now());
    }

    @Test
    @DisplayName("a host has a name, an address, and a loop until its main has ended")
    void facts() {
        simulate(1, sim -> {
            var first = sim.host("first", () -> await(sleep(SECOND)));
            assertEquals("first", first.name());
            assertEquals("10.0.0.2", first.address().getHostAddress());
            assertEquals("<Host first at 10.0.0.2>", first.toString());
            assertTrue(first.isRunning());
            await(first.join());
            assertEquals(SECOND, sim.now());
            await(sleep(SECOND));
            assertFalse(first.isRunning());

            var chosen = InetAddress.getByName("10.1.2.3");
            var second = sim.host("second", chosen, () -> {});
            var third = sim.host("third", InetAddress.getByName("10.1.2.4"), () -> "something");
            var fourth = sim.host("fourth", () -> "something");
            await(gather(second.join(), third.join(), fourth.join()));
            assertEquals(chosen, second.address());
            assertThrows(IllegalArgumentException.class, () -> sim.host("Second", () -> {}));
        });
    }

    @Test
    @DisplayName("calls that wait for a host need no body each")
    void waitingCalls() {
        simulate(1, sim -> {
            getRunningLoop().setCarrier(Carrier.PLATFORM); // Its bodies can be counted.
            var host = sim.host("slow", () -> await(sleep(SECOND)));
            var calls = Stream.generate(host::join).limit(100).toList();
            await(sleep(Duration.ofMillis(1)));
            assertTrue(BodyThreads.count() < 10, () -> BodyThreads.count() + " threads of bodies");
            await(gather(calls));
            assertEquals(SECOND, sim.now());
        });
    }

    @Test
    @DisplayName("a main's exception is thrown to who joins it, and else by the simulation")
    void failures() {
        simulate(1, sim -> {
            var failing = sim.host("failing", () -> {
                throw new IOException("boom");
            });
            var thrown = assertThrows(IOException.class, () -> await(failing.join(), IOException.class));
            assertEquals("boom", thrown.getMessage());
        });
        var unnoticed = assertThrows(AssertionError.class, () -> simulate(1, sim -> {
            sim.host("failing", () -> {
                throw new IOException("boom");
            });
            await(sleep(SECOND));
        }));
        assertTrue(unnoticed.getMessage().contains("the main of host failing failed, and nobody joined it"), unnoticed::getMessage);
    }

    @Test
    @DisplayName("the workers of a host are loops of it, by their names; one that pauses leaves its connections to the others")
    void loops() {
        simulate(1, sim -> {
            var answers = new ArrayList<String>();
            var host = sim.host("server", () -> await(new Supervisor(2, () -> {
                var server = await(startServer("0.0.0.0", 80, (reader, writer) -> {
                    writer.write(currentWorker().name() + (currentWorker().isReplaced() ? " leaves" : ""));
                    await(writer.aclose());
                }));
                await(server.serveForever());
            }).serveForever()));
            await(sleep(SECOND));
            assertEquals(List.of(host.loop("worker-1"), host.loop("worker-2")), host.loops());
            assertEquals(host.loop("worker-1").hashCode(), host.loops().get(0).hashCode());
            assertNotEquals(host.loop("worker-1"), host.loop("worker-2"));
            assertEquals("server/worker-1", host.loop("worker-1").name());
            assertEquals("<HostLoop server/worker-1>", host.loop("worker-1").toString());
            assertTrue(host.loop("worker-1").isRunning());
            assertThrows(NoSuchElementException.class, () -> host.loop("worker-3"));

            host.loop("worker-1").pause(SECOND.multipliedBy(10));
            assertThrows(IllegalArgumentException.class, () -> host.loop("worker-1").pause(SECOND.negated()));
            for (int i = 0; i < 4; i++) {
                var connection = await(openConnection("server", 80));
                answers.add(new String(await(connection.reader().read())));
                await(connection.writer().aclose());
            }
            assertEquals(List.of("simul-worker-2", "simul-worker-2", "simul-worker-2", "simul-worker-2"), answers);
        });
    }

    @Test
    @DisplayName("a host that is restarted begins anew, and who joins it waits for the new main")
    void restarts() {
        simulate(1, sim -> {
            var host = sim.host("server", () -> {
                note(sim, "begins");
                await(sleep(SECOND.multipliedBy(10)));
                note(sim, "ends");
            });
            await(sleep(SECOND));
            host.crash();
            assertFalse(host.isRunning());
            await(sleep(SECOND));
            host.restart();
            await(host.join());
        });
        assertEquals(List.of("begins at PT0S", "begins at PT2S", "ends at PT12S"), events);
    }

    @Test
    @DisplayName("a host that pauses does nothing meanwhile, and its clock goes on")
    void pauses() {
        simulate(1, sim -> {
            var host = sim.host("server", () -> {
                for (int i = 0; i < 3; i++) {
                    await(sleep(SECOND));
                    note(sim, "tick");
                }
            });
            await(sleep(Duration.ofMillis(1_500)));
            host.pause(SECOND.multipliedBy(10));
            await(host.join());
            assertThrows(IllegalArgumentException.class, () -> host.pause(SECOND.negated()));
        });
        assertEquals(List.of("tick at PT1S", "tick at PT11.5S", "tick at PT12.5S"), events);
    }

    @Test
    @DisplayName("a host's clock may be wrong")
    void skewed() {
        simulate(1, sim -> {
            var host = sim.host("server", () -> {
                await(sleep(SECOND));
                events.add(getRunningLoop().time().toString());
            });
            assertEquals(Duration.ZERO, host.clockSkew());
            await(sleep(Duration.ofMillis(500)));
            host.clockSkew(Duration.ofMillis(200));
            assertEquals(Duration.ofMillis(200), host.clockSkew());
            await(host.join());
            assertEquals(Duration.ofMillis(800), sim.now());
        });
        assertEquals(List.of("PT1S"), events);
    }

    @Test
    @DisplayName("cancelling a wait for a host does nothing to the host")
    void joinCancelled() {
        simulate(1, sim -> {
            var host = sim.host("server", () -> {
                await(sleep(SECOND.multipliedBy(2)));
                note(sim, "ends");
            });
            var joining = createTask(() -> await(host.join()));
            var call = host.join();
            await(sleep(SECOND));
            joining.cancel();
            call.cancel(false);
            assertThrows(CancellationException.class, () -> await(joining));
            assertThrows(CancellationException.class, () -> await(call));
            await(host.join());
        });
        assertEquals(List.of("ends at PT2S"), events);
    }

    @Test
    @DisplayName("bodies of a host that crashes end, and nobody sees what they do on the way")
    void crash() {
        var transcript = Transcripts.of(1, Schedule.ASYNCIO, sim -> {
            var host = sim.host("server", () -> {
                try {
                    await(sleep(Duration.ofHours(1)));
                } finally {
                    sim.log("cleans up");
                    events.add("cleans up");
                }
            });
            await(sleep(SECOND));
            host.crash();
            await(sleep(SECOND));
        });
        assertEquals(List.of("cleans up"), events);
        assertFalse(transcript.contains("cleans up"), transcript);
        assertTrue(transcript.contains("1s  server  crashes"), transcript);
    }
}
