// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Child;
import dev.simul.IgnoredSignals;
import dev.simul.context.ContextVar;
import java.io.IOException;
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
