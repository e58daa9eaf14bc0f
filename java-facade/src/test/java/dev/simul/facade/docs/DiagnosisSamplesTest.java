// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.TaskOptions;
import dev.simul.facade.VirtualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.docs.DiagnosisGuide.block;
import static dev.simul.docs.DiagnosisGuide.masked;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.runLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DiagnosisSamplesTest {
    @Test
    @DisplayName("the dump of the hung program is the one that the guide shows")
    void dump() {
        assertEquals(masked(block("DiagnosisSamples.hungTransfers(")), masked(printed(DiagnosisSamples::hungTransfers)));
    }

    @Test
    @DisplayName("so is the call graph of the task that swallows its cancellation, which keeps the run from ending")
    void swallowed() {
        var printed = masked(printed(DiagnosisSamples::swallowedCancel));
        // Whoever waits for the end asks again.
        assertEquals(masked(block("DiagnosisSamples.lambda$swallowedCancel")) + "\ntrying again", printed);
    }

    private static String printed(Runnable sample) {
        var bytes = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(bytes, true));
        try {
            assertThrows(Throwable.class, () -> VirtualClock.runTest(() -> {
                sample.run();
                return null;
            }));
        } finally {
            System.setOut(out);
        }
        return bytes.toString();
    }

    @Test
    @DisplayName("a handler for the signal is there")
    void signal() {
        runLoop(() -> {
            DiagnosisSamples.dumpOnSignal();
            assertTrue(getRunningLoop().removeSignalHandler("USR1"));
        });
    }

    @Test
    @DisplayName("the call graph of the current task tells who awaits it")
    void callGraph() {
        var graph = VirtualClock.runTest(() -> {
            var asked = createTask(new TaskOptions().name("asked"), DiagnosisSamples::whoAsked);
            return await(createTask(new TaskOptions().name("asking"), () -> await(asked)));
        });
        assertTrue(graph.startsWith("* Task(name='asked', id=0x"), graph);
        assertTrue(graph.contains("  |   dev.simul.facade.docs.DiagnosisSamples.whoAsked(DiagnosisSamples.java:"), graph);
        assertTrue(graph.contains("     * Task(name='asking', id=0x"), graph);
    }
}
