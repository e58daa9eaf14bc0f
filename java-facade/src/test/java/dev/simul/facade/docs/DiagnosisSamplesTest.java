// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.TaskOptions;
import dev.simul.facade.VirtualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

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
    void dump() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(bytes, true));
        try {
            assertThrows(Throwable.class, () -> VirtualClock.runTest(() -> {
                DiagnosisSamples.hungTransfers();
                return null;
            }));
        } finally {
            System.setOut(out);
        }
        var shown = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs/guide/diagnosis.md")))
                .results()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .group(1);
        assertEquals(masked(shown), masked(bytes.toString()));
    }

    private static String masked(String text) {
        return text.strip()
                .replaceAll("0x[0-9a-f]+", "0x0")
                .replaceAll("Task-\\d+", "Task-1")
                .replaceAll("<EventLoop .*>", "<EventLoop>")
                .replaceAll("(lambda\\$\\w+)\\$\\d+", "$1") // javac 25 numbers them in another order
                .replaceAll("DiagnosisSamplesTest\\S+", "DiagnosisSamplesTest");
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
