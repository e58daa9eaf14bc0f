// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.testing.Deadlock;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.VirtualClock.runTest;
import static dev.simul.loop.RunningLoopKt.getRunningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class VirtualClockTest {
    @Test
    @DisplayName("an hour passes at once, and exactly")
    void jumps() {
        var clock = new VirtualClock();
        assertEquals("done", clock.run(() -> {
            assertEquals(Duration.ZERO, clock.now());
            sleep(Duration.ofHours(1)).await();
            assertEquals(Duration.ofHours(1), clock.now());
            return "done";
        }));
        assertEquals(Duration.ofHours(1), clock.now());
    }

    @Test
    @DisplayName("a loop tells its virtual clock, and one in real time has none")
    void ofLoop() {
        new VirtualClock().run(() -> {
            var clock = VirtualClock.of(Asyncio.getRunningLoop());
            sleep(Duration.ofHours(1)).await();
            assertEquals(Duration.ofHours(1), clock.now());
            clock.advance(Duration.ofHours(1));
            assertEquals(Duration.ofHours(2), Asyncio.getRunningLoop().time());
        });
        try (var runner = new Runner()) {
            var refused = assertThrows(IllegalStateException.class, () -> VirtualClock.of(runner.getLoop()));
            assertTrue(refused.getMessage().endsWith("does not go by a VirtualClock"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("a deadlock names the tasks that are stuck and what they wait for")
    void deadlock() {
        var event = new Event();
        var deadlock = assertThrows(
                Deadlock.class, () -> runTest(() -> createTask("waits", () -> event.waitUntilSet().await()).await()));
        assertTrue(deadlock.getMessage().contains("nothing more can happen"), deadlock.getMessage());
        assertTrue(deadlock.getMessage().contains("waits"), deadlock.getMessage());
        assertTrue(deadlock.getMessage().contains("Event.wait"), deadlock.getMessage());
    }

    @Test
    @DisplayName("what the body throws is thrown as it is")
    void failure() {
        var failure = new IOException("boom");
        assertEquals(failure, assertThrows(IOException.class, () -> runTest(() -> {
            throw failure;
        })));
    }

    @Test
    @DisplayName("it stands still while another thread works, until its autojump threshold")
    void autojumpThreshold() {
        var clock = new VirtualClock(Duration.ofMillis(1));
        clock.run(() -> {
            var never = createTask(() -> await(new CompletableFuture<>()));
            sleep(Duration.ofSeconds(5)).await();
            return never.cancel(false);
        });
        assertEquals(Duration.ofSeconds(5), clock.now());
    }

    @Test
    @DisplayName("with a network in memory it waits for no socket, and finds a deadlock at once")
    void networkInMemory() {
        var network = new MemoryNetwork();
        assertEquals("10.0.0.1", network.addHost("slow.test").getHostAddress());
        Callable<Duration> program = () -> {
            var server = startServer("slow.test", 80, (reader, writer) -> {
                        sleep(Duration.ofHours(1)).await();
                        writer.close();
                    })
                    .await();
            Asyncio.getRunningLoop().setResolver(host -> List.of());
            Asyncio.getRunningLoop().setResolver(null); // the network's again
            var connection = openConnection("slow.test", 80).await();
            assertEquals(0, connection.reader().read().await().length);
            connection.writer().aclose().await();
            server.aclose().await();
            return Asyncio.getRunningLoop().time();
        };
        assertEquals(Duration.ofHours(1), runTest(network, program));
        assertEquals(Duration.ofHours(1), new VirtualClock(network).run(program));
        assertThrows(Deadlock.class, () -> runTest(new MemoryNetwork(), () -> {
            await(startServer("127.0.0.1", 80, (reader, writer) -> {}));
            await(await(openConnection("127.0.0.1", 80)).reader().read());
        }));
    }

    @Test
    @DisplayName("its loop may be in debug mode")
    void debug() {
        assertTrue(new VirtualClock().<Boolean>run(true, () -> getRunningLoop().getDebug()));
        assertFalse(new VirtualClock().<Boolean>run(false, () -> getRunningLoop().getDebug()));
    }

    @Test
    @DisplayName("it is good for one run")
    void once() {
        var clock = new VirtualClock();
        clock.run(() -> null);
        assertThrows(IllegalStateException.class, () -> clock.run(() -> null));
    }

    @Test
    @DisplayName("code that blocks takes its time, in a loop that the clock was asked for")
    void advances() {
        var clock = new VirtualClock();
        clock.advance(Duration.ofSeconds(1));
        var woken = Asyncio.<Duration>run(null, clock::newLoop, () -> {
            var sleeper = createTask(() -> {
                await(sleep(Duration.ofSeconds(2)));
                return clock.now();
            });
            await(sleep(Duration.ZERO));
            clock.advance(Duration.ofSeconds(5));
            return await(sleeper);
        });
        assertEquals(Duration.ofSeconds(6), woken);
        assertThrows(IllegalArgumentException.class, () -> clock.advance(Duration.ofSeconds(-1)));
    }
}
