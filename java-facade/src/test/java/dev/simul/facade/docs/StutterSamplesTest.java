// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.docs.DiagnosisGuide;
import dev.simul.facade.Asyncio;
import dev.simul.facade.EventLoop;
import dev.simul.loop.RecordedLog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import kotlin.Unit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.runLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class StutterSamplesTest {
    private static final int ATTEMPTS = 5;

    @Test
    @DisplayName("the watchdog reports the stuttering program as the guide shows")
    void stutter() {
        var shown = DiagnosisGuide.block("held its event loop", "facade");
        // If the watchdog's thread is held up, that time does not count.
        var log = masked(logged());
        for (int attempt = 2; attempt <= ATTEMPTS && !log.equals(masked(shown)); attempt++) {
            log = masked(logged());
        }
        assertEquals(masked(shown), log);
    }

    private static String logged() {
        var ended = new CountDownLatch(1);
        var log = RecordedLog.INSTANCE.during(
                entry -> {
                    if (entry.getMessage().contains("'import' held")) {
                        ended.countDown();
                    }
                    return Unit.INSTANCE;
                },
                () -> {
                    runStutter();
                    try {
                        ended.await(1, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return Unit.INSTANCE;
                });
        return log.stream()
                .map(RecordedLog.Entry::getMessage)
                .filter(message -> message.contains("'import'"))
                .collect(Collectors.joining("\n"));
    }

    private static void runStutter() {
        var bytes = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(bytes, true));
        try {
            Asyncio.run(null, StutterSamplesTest::watchedLoop, () -> {
                StutterSamples.stutteringImport();
                return null;
            });
        } finally {
            System.setOut(out);
        }
        assertEquals("imported", bytes.toString().strip());
    }

    private static EventLoop watchedLoop() {
        var loop = newEventLoop();
        loop.setStallThreshold(Duration.ofMillis(100));
        return loop;
    }

    /** As {@link DiagnosisGuide#masked}, and without what depends on the machine, the JDK and the carrier. */
    private static String masked(String report) {
        return DiagnosisGuide.masked(report)
                .replaceAll("\\b\\d+(\\.\\d+)?m?s\\b", "1s")
                .replaceAll("in thread '.*'", "in thread 'main'")
                .replaceAll("(?m)^  \\|   java\\.lang\\.(Virtual)?Thread\\..*\n", "")
                .replaceAll("(?m)^       \\|   .*(StutterSamplesTest|Runner).*\n", "");
    }

    @Test
    @DisplayName("the threshold of a loop is set as the guide shows")
    void threshold() {
        runLoop(() -> {
            StutterSamples.watchClosely();
            assertEquals(Duration.ofMillis(20), getRunningLoop().stallThreshold());
            StutterSamples.doNotWatch();
            assertNull(getRunningLoop().stallThreshold());
        });
    }
}
