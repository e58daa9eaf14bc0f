// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.docs.DiagnosisGuide;
import dev.simul.facade.Task;
import dev.simul.facade.VirtualClock;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

class TraceSamplesTest {
    @Test
    @DisplayName("the trace is the one that the guide shows")
    void trace() {
        var thrown = assertThrows(NoSuchElementException.class, () -> VirtualClock.runTest(() -> {
            TraceSamples.printBalance();
            return null;
        }));
        var printed = new StringWriter();
        thrown.printStackTrace(new PrintWriter(printed));
        var shown = DiagnosisGuide.block("NoSuchElementException", "facade");
        assertEquals(masked(shown), masked(printed.toString()));
    }

    private static String masked(String trace) {
        return DiagnosisGuide.masked(trace)
                .replaceAll("(?s) *at awaited.by\\(thread [^)]*\\).*", "")
                .lines()
                .map(String::strip)
                .reduce("", (before, line) -> before + line + "\n")
                .strip();
    }

    @Test
    @DisplayName("a task begins with the context of OpenTelemetry that it was created in, also when an MDC is carried")
    void carried() {
        var key = ContextKey.<String>named("span");
        VirtualClock.runTest(() -> {
            TraceSamples.carryMdcBySlf4j();
            TraceSamples.carryOpenTelemetry();
            Task<String> child;
            try (var scope = Context.current().with(key, "parent").makeCurrent()) {
                child = createTask(() -> Context.current().get(key));
            }
            assertEquals("parent", await(child));
            assertNull(Context.current().get(key));
            return null;
        });
    }
}
