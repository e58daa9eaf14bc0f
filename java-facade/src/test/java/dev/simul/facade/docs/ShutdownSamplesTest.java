// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.Child;
import dev.simul.IgnoredSignals;
import dev.simul.exceptions.SystemExit;
import dev.simul.facade.ProcessOptions;
import dev.simul.facade.Redirect;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class ShutdownSamplesTest {
    @TestFactory
    Stream<DynamicTest> everySamplePrintsWhatTheGuideShows() throws IOException {
        return PrintedSamples.of("shutdown.md", ShutdownSamples.class, Set.of("leftBehind"));
    }

    @Test
    @DisplayName("SIGTERM is the exit status of a program that is cancelled by it")
    void untilTold() {
        assumeSignals();
        var exit = assertThrows(SystemExit.class, () -> runLoop(() -> ShutdownSamples.untilTold(() -> {
            await(createSubprocessExec("kill", "-TERM", Long.toString(ProcessHandle.current().pid())));
            await(sleep(ofMinutes(1)));
        })));
        assertEquals(143, exit.code());
    }

    @Test
    @DisplayName("a child that obeys ends by TERM, one that does not by KILL")
    void stop() {
        assumeSignals();
        runLoop(() -> {
            assertEquals(-15, ShutdownSamples.stop(await(createSubprocessExec("sleep", "1000")), ofMinutes(1)));
            var script = "trap '' TERM; sleep 1000 & echo ready; wait; sleep 1000";
            var piped = new ProcessOptions().stdout(Redirect.PIPE);
            var stubborn = await(createSubprocessExec(piped, "sh", "-c", script));
            await(stubborn.stdout().readline());
            assertEquals(-9, ShutdownSamples.stop(stubborn, ofMillis(100)));
            assertEquals(0, await(stubborn.stdout().read()).length); // Its child held the pipe.
        });
    }

    @Test
    @DisplayName("the server stores all that was received, and ends by itself when it is told to")
    void server() throws IOException {
        assumeSignals();
        try (var server = new Child(LineStore.class.getName(), "", List.of(), true, List.of())) {
            int port = Integer.parseInt(server.line().replaceAll(".*:", ""));
            try (var idle = new Socket("127.0.0.1", port);
                    var answers = new BufferedReader(new InputStreamReader(idle.getInputStream(), StandardCharsets.UTF_8))) {
                idle.getOutputStream().write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
                assertEquals("ok", answers.readLine());
                assertEquals("ok", answers.readLine());
                server.signal("TERM");
                assertEquals(List.of("stopping", "stored 2 lines"), server.rest());
                assertEquals(0, server.exitStatus());
            }
        }
    }

    private static void assumeSignals() {
        assumeTrue(IgnoredSignals.getObstacle() == null, IgnoredSignals::getObstacle);
    }
}
