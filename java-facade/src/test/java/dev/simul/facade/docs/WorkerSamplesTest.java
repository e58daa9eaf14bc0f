// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.CancelledException;
import dev.simul.facade.Asyncio;
import dev.simul.facade.Supervisor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WorkerSamplesTest {
    @Test
    @DisplayName("four workers greet clients, until the program is told to end")
    void allCores() throws Exception {
        int port = freePort();
        var program = new Thread(() -> assertThrows(InterruptedException.class, () -> WorkerSamples.greetOnAllCores(port)));
        program.start();
        Asyncio.run(() -> {
            String greeting = greeted(port);
            assertTrue(greeting.matches("Hello Ada, from simul-worker-[1-4]"), greeting);
        });
        program.interrupt();
        program.join();
        Asyncio.run(() -> {
            assertThrows(ConnectException.class, () -> await(openConnection("127.0.0.1", port)));
        });
    }

    @Test
    @DisplayName("a supervisor serves until it is cancelled")
    void supervisor() throws Exception {
        int port = freePort();
        Asyncio.run(() -> {
            var serving = createTask(() -> WorkerSamples.greetAndReload(port));
            String greeting = greeted(port);
            assertTrue(greeting.matches("Hello Ada, from simul-worker-[12]"), greeting);
            serving.cancel();
            assertThrows(CancelledException.class, () -> await(serving));
        });
    }

    @Test
    @DisplayName("a supervisor's workers are described")
    void description() throws Exception {
        int port = freePort();
        Asyncio.run(() -> {
            try (var supervisor = new Supervisor(2, () -> WorkerSamples.greetClients(port))) {
                supervisor.start();
                await(supervisor.waitServing());
                greeted(port);
                assertEquals(
                        List.of("simul-worker-1 1 RUNNING", "simul-worker-2 1 RUNNING"),
                        WorkerSamples.describeWorkers(supervisor).stream()
                                .map(line -> line.substring(0, line.indexOf(':')))
                                .toList());
            }
        });
    }

    /** What the server says, once it is there. */
    private static String greeted(int port) {
        while (true) {
            try (var connection = await(openConnection("127.0.0.1", port))) {
                connection.writer().write("Ada\n");
                return new String(await(connection.reader().readline())).strip();
            } catch (Exception e) {
                if (!(e instanceof ConnectException)) throw new IllegalStateException(e);
                await(sleep(Duration.ofMillis(5)));
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
