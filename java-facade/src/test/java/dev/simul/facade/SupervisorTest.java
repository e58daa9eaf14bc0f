// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.SystemExit;
import dev.simul.workers.WorkerState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.currentWorker;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.serve;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Sockets.portOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SupervisorTest {
    private static final WorkerOptions QUICK =
            new WorkerOptions().backoff(Backoff.constant(Duration.ofMillis(10))).grace(Duration.ofMillis(100));

    private final AtomicInteger port = new AtomicInteger();

    /** Tells each client the generation of the worker that serves it. */
    private void tellGeneration() {
        var server = await(startServer("127.0.0.1", 0, new ServerOptions().startServing(false), (reader, writer) -> {
            writer.write(currentWorker().generation() + "\n");
            await(writer.aclose());
        }));
        port.set(portOf(server));
        await(server.startServing());
        await(server.serveForever());
    }

    private String ask() {
        try (var connection = await(openConnection("127.0.0.1", port.get()))) {
            return new String(await(connection.reader().readline())).strip();
        }
    }

    @Test
    @DisplayName("a body runs in each worker, and when all have returned, so does serve")
    void serving() {
        var ids = new ConcurrentLinkedQueue<Integer>();
        serve(3, () -> {
            await(sleep(Duration.ofMillis(1)));
            ids.add(currentWorker().id());
        });
        assertEquals(List.of(1, 2, 3), ids.stream().sorted().toList());
        assertNull(currentWorker());
    }

    @Test
    @DisplayName("a worker that exits ends the others, and serve")
    void exit() {
        var exit = assertThrows(SystemExit.class, () -> serve(2, QUICK, () -> {
            if (currentWorker().id() == 2) throw new SystemExit(3);
            return await(sleep(Duration.ofHours(1)));
        }));
        assertEquals(3, exit.code());
    }

    @Test
    @DisplayName("workers are replaced while they serve")
    void replacing() {
        run(() -> {
            try (var supervisor = new Supervisor(2, QUICK, this::tellGeneration)) {
                assertNull(supervisor.loop());
                assertTrue(supervisor.workers().isEmpty());
                supervisor.start();
                await(supervisor.waitServing());
                assertEquals(getRunningLoop(), supervisor.loop());
                assertEquals("1", ask());

                var old = supervisor.workers().get(0);
                assertEquals("simul-worker-1", old.name());
                assertEquals(WorkerState.RUNNING, old.state());
                var replacement = await(supervisor.replace(old));
                assertEquals(WorkerState.ENDED, old.state());
                assertEquals(old.id(), replacement.id());
                assertEquals(2, replacement.generation());
                assertNotEquals(old, replacement);
                assertEquals(replacement, supervisor.workers().get(0));
                assertEquals(replacement.hashCode(), supervisor.workers().get(0).hashCode());
                assertEquals(0, replacement.connections());
                assertTrue(replacement.metrics().tasks() > 0);
                assertNotNull(replacement.loop());
                assertThrows(IllegalArgumentException.class, () -> await(supervisor.replace(old)));

                await(supervisor.replaceAll());
                assertEquals(List.of(3, 2), supervisor.workers().stream().map(Worker::generation).toList());
                assertEquals("<Supervisor workers=2 running>", supervisor.toString());
                await(supervisor.shutdown(Duration.ZERO));
                await(supervisor.waitClosed());
                assertTrue(supervisor.workers().isEmpty());
            }
        });
    }

    @Test
    @DisplayName("a supervisor calls its workers, each in its loop")
    void calling() {
        var called = new ConcurrentLinkedQueue<Worker>();
        run(() -> {
            var supervisor = new Supervisor(2, QUICK, () -> {
                await(sleep(Duration.ofHours(1)));
            });
            supervisor.start();
            supervisor.callInWorkers(worker -> {
                assertEquals(worker, currentWorker());
                called.add(worker);
            });
            while (called.size() < 2) await(sleep(Duration.ofMillis(1)));
            await(supervisor.aclose());
        });
        assertEquals(2, called.size());
    }

    @Test
    @DisplayName("a supervisor whose workers have returned has ended, whatever they have returned")
    void ending() {
        run(() -> {
            assertSame(null, await(new Supervisor(2, () -> {}).serveForever()));
            assertSame(null, await(new Supervisor(2, () -> await(sleep(Duration.ZERO))).serveForever()));
            assertSame(null, await(new Supervisor(2, QUICK, () -> await(sleep(Duration.ZERO))).serveForever()));
        });
        serve(2, () -> await(sleep(Duration.ZERO)));
    }

    @Test
    @DisplayName("options say what they are, and refuse what cannot be")
    void options() {
        var options = QUICK.maxHung(1)
                .debug(true)
                .stableAfter(Duration.ofSeconds(1))
                .pingInterval(Duration.ofSeconds(2))
                .unresponsiveAfter(Duration.ofSeconds(3))
                .hangTimeout(Duration.ofSeconds(4))
                .startTimeout(Duration.ofSeconds(5))
                .forcedGrace(Duration.ofSeconds(6));
        assertEquals(
                "WorkerOptions(backoff=Backoff(10ms), stableAfter=1s, pingInterval=2s, unresponsiveAfter=3s, hangTimeout=4s, maxHung=1, "
                        + "startTimeout=5s, grace=100ms, forcedGrace=6s, debug=true)",
                options.toString());
        assertThrows(IllegalArgumentException.class, () -> serve(1, options.hangTimeout(Duration.ZERO), () -> {}));
        assertThrows(IllegalArgumentException.class, () -> serve(0, () -> {}));
    }
}
