// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.Schedule;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.simulation.Simulations.simulate;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class NetworkTest {
    private static Host server(Simulation sim) {
        return sim.host("server", () -> await(await(startServer("0.0.0.0", 80, (reader, writer) -> {
            writer.write(await(reader.readline()));
            await(writer.aclose());
        })).serveForever()));
    }

    private static void exchange() {
        var connection = await(openConnection("server", 80));
        connection.writer().write("hello\n");
        assertEquals("hello\n", new String(await(connection.reader().readline())));
        await(connection.writer().aclose());
    }

    @Test
    @DisplayName("conditions are what was said, and refuse what cannot be")
    void conditions() {
        simulate(1, sim -> {
            var conditions = sim.network().conditions();
            assertEquals("500us to 2ms", conditions.latency().toString());
            assertNull(conditions.bandwidth());
            assertEquals("0s", conditions.acceptDelay().toString());
            assertEquals(ofSeconds(127), conditions.connectTimeout());
            assertEquals(ofMillis(924_600), conditions.retransmissionTimeout());
            conditions
                    .latency(new Latency(ofMillis(5), ofMillis(80)))
                    .bandwidth(1_000L)
                    .acceptDelay(new Latency(ofMillis(1)))
                    .splits(0.01)
                    .segmentLoss(0.02)
                    .refusals(0.03)
                    .resets(0.04)
                    .halfOpen(0.05)
                    .datagramLoss(0.06)
                    .datagramDuplication(0.07)
                    .datagramReordering(0.08)
                    .connectTimeout(ofSeconds(1))
                    .retransmissionTimeout(ofSeconds(2));
            var again = sim.network().conditions();
            assertEquals("5ms to 80ms", again.latency().toString());
            assertEquals(1_000L, again.bandwidth());
            assertEquals(ofMillis(1), again.acceptDelay().to());
            assertEquals(
                    List.of(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08),
                    List.of(
                            again.splits(),
                            again.segmentLoss(),
                            again.refusals(),
                            again.resets(),
                            again.halfOpen(),
                            again.datagramLoss(),
                            again.datagramDuplication(),
                            again.datagramReordering()));
            assertEquals(ofSeconds(1), again.connectTimeout());
            assertEquals(ofSeconds(2), again.retransmissionTimeout());
            assertThrows(IllegalArgumentException.class, () -> again.splits(1.5));
            assertThrows(IllegalArgumentException.class, () -> again.bandwidth(0L));
            assertThrows(IllegalArgumentException.class, () -> again.connectTimeout(Duration.ZERO));
        });
    }

    @Test
    @DisplayName("a latency is from the one duration to the other, now and then more")
    void latencies() {
        var latency = new Latency(ofMillis(1), ofMillis(5));
        assertEquals(List.of(ofMillis(1), ofMillis(5)), List.of(latency.from(), latency.to()));
        assertEquals("1ms to 5ms, now and then up to 2s", latency.withSpikes(0.01, ofSeconds(2)).toString());
        assertEquals(Duration.ZERO, Latency.NONE.to());
        assertThrows(IllegalArgumentException.class, () -> new Latency(ofMillis(5), ofMillis(1)));
        assertThrows(IllegalArgumentException.class, () -> latency.withSpikes(2.0, ofSeconds(2)));
    }

    @Test
    @DisplayName("two hosts may have conditions of their own")
    void between() {
        simulate(1, Schedule.ASYNCIO, sim -> {
            server(sim);
            sim.network().conditions().latency(Latency.NONE);
            var far = sim.host("far", NetworkTest::exchange);
            sim.network().between("far", "server").latency(new Latency(ofSeconds(1)));
            var near = sim.host("near", NetworkTest::exchange);
            await(near.join());
            assertEquals(Duration.ZERO, sim.now());
            await(far.join());
            assertTrue(sim.now().compareTo(ofSeconds(4)) >= 0, () -> "" + sim.now());
            assertThrows(IllegalArgumentException.class, () -> sim.network().between("far", "nobody"));
        });
    }

    @Test
    @DisplayName("what a partition holds up arrives when it heals")
    void partition() {
        simulate(1, sim -> {
            server(sim);
            var client = sim.host("client", NetworkTest::exchange);
            sim.network().partition("client", "server");
            await(sleep(ofSeconds(10)));
            assertTrue(client.isRunning());
            sim.network().heal("client", "server");
            await(client.join());

            var other = sim.host("other", NetworkTest::exchange);
            sim.network().partition(List.of("other", "client"), List.of("server"));
            await(sleep(ofSeconds(10)));
            assertTrue(other.isRunning());
            sim.network().heal();
            await(other.join());
        });
    }

    @Test
    @DisplayName("a cut is in one direction, and connecting gives up by its timeout")
    void cut() {
        simulate(1, sim -> {
            server(sim);
            sim.network().conditions().connectTimeout(ofSeconds(3));
            var client = sim.host("client", NetworkTest::exchange);
            sim.network().cut("server", "client");
            assertThrows(ConnectException.class, () -> await(client.join(), ConnectException.class));
        });
    }
}
