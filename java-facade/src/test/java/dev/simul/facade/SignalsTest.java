// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Child;
import dev.simul.IgnoredSignals;
import dev.simul.context.ContextVar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class SignalsTest {
    /** It does nothing to a JVM without a handler. */
    private static final String HARMLESS = "WINCH";

    @Test
    @DisplayName("a loop has handlers for signals, with context variables of their own, until they are removed")
    void handlers() throws Exception {
        var variable = new ContextVar<>("variable", "none");
        var given = new Context();
        given.run(() -> variable.set("given"));
        var events = new ArrayList<String>();
        try (var loop = Asyncio.newEventLoop()) {
            Runnable handler = () -> {
                events.add(variable.get());
                loop.stop();
            };
            loop.addSignalHandler(HARMLESS, handler);
            raise();
            loop.runForever();
            loop.addSignalHandler("SIG" + HARMLESS, given, handler);
            raise();
            loop.runForever();
            assertTrue(loop.removeSignalHandler(HARMLESS));
            assertFalse(loop.removeSignalHandler(HARMLESS));
            assertThrows(IllegalArgumentException.class, () -> loop.addSignalHandler("NOVEL", handler));
            assertThrows(IllegalStateException.class, () -> loop.addSignalHandler("KILL", handler));
        }
        assertEquals(List.of("none", "given"), events);
    }

    private static void raise() throws IOException, InterruptedException {
        long self = ProcessHandle.current().pid();
        assertEquals(0, new ProcessBuilder("kill", "-" + HARMLESS, Long.toString(self)).start().waitFor());
    }

    @ParameterizedTest
    @ValueSource(strings = {"catches", "catches, of a runner"})
    @DisplayName("Ctrl-C cancels the body, which cleans up, and is a KeyboardInterrupt then")
    void interrupted(String program) {
        assertProgram(program, "INT", 0, "cleaning", "clean", "interrupted");
    }

    @Test
    @DisplayName("Ctrl-C that nobody catches is the exit status")
    void uncaught() {
        assertProgram("does not catch", "INT", 130, "cleaning", "clean");
    }

    @Test
    @DisplayName("the second Ctrl-C lists what has not ended: who asked, in which line that was delivered, and where it waits")
    void unended() {
        assumeTrue(IgnoredSignals.getObstacle() == null, IgnoredSignals::getObstacle);
        try (var child = new Child(InterruptedProgram.class.getName(), "cleans up for long", List.of(), true, List.of())) {
            child.await("ready");
            child.signal("INT");
            child.await("cleaning");
            child.signal("INT");
            child.await("Interrupted again; these tasks have not ended:");
            assertTrue(child.line().matches("\\* Task-\\d+: waiting for sleep, .* left"));
            var ledger = child.line();
            var line = "dev\\.simul\\.facade\\.InterruptedProgram\\.cleanUpForLong\\(InterruptedProgram\\.java:\\d+\\)";
            assertTrue(ledger.matches("    asked to cancel by Ctrl-C; delivered at " + line + "; then it awaited sleep"), ledger);
            assertTrue(child.rest().stream().anyMatch(it -> it.matches("    at " + line)));
            assertEquals(130, child.exitStatus());
        }
    }

    @Test
    @DisplayName("a signal has the tasks printed, also while the loop is kept busy, until it is removed")
    void dumps() throws Exception {
        var out = new ByteArrayOutputStream();
        Asyncio.run(() -> {
            var loop = Asyncio.getRunningLoop();
            loop.dumpTasksOn(HARMLESS, new PrintStream(out, true));
            raise();
            while (out.size() == 0) Asyncio.sleep(Duration.ofMillis(1)).await();
            assertTrue(out.toString().startsWith("1 task of <EventLoop"), out::toString);
            out.reset();
            raise();
            while (out.size() == 0) Thread.sleep(1);
            assertTrue(out.toString().startsWith("The loop has not answered for 200 ms"), out::toString);
            assertTrue(out.toString().contains("SignalsTest.java:"), out::toString);
            loop.dumpTasksOn(HARMLESS);
            assertTrue(loop.removeSignalHandler(HARMLESS));
            return null;
        });
    }

    @Test
    @DisplayName("a handler for SIGTERM lets a program clean up")
    void told() {
        assertProgram("ends when it is told to", "TERM", 143, "cleaning", "clean");
    }

    private static void assertProgram(String program, String signal, int status, String... lines) {
        assumeTrue(IgnoredSignals.getObstacle() == null, IgnoredSignals::getObstacle);
        try (var child = new Child(InterruptedProgram.class.getName(), program, List.of(), true, List.of())) {
            child.await("ready");
            child.signal(signal);
            assertEquals(List.of(lines), child.rest().stream().limit(lines.length).toList());
            assertEquals(status, child.exitStatus());
        }
    }
}
