// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.KotlinLayer;
import dev.simul.interop.Bodies;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CancellationAcrossLanguagesTest {
    private final List<String> events = new ArrayList<>();

    private String sleepLong(String who) {
        try {
            return sleep(seconds(9), "slept").await();
        } catch (CancellationException e) {
            events.add(who + ": " + e.getMessage());
            throw e;
        } finally {
            sleep(seconds(1)).await();
            events.add(who + " cleaned up");
        }
    }

    @Test
    @DisplayName("a cancellation passes from Java through Kotlin to Java, and back when each has cleaned up")
    void javaKotlinJava() {
        VirtualTime.run(() -> {
            var task = createTask(() -> {
                try {
                    return Bodies.awaitInBody(KotlinLayer.kotlinAround(events, () -> sleepLong("inner Java")));
                } catch (CancellationException e) {
                    events.add("outer Java: " + e.getMessage());
                    throw e;
                }
            });
            sleep(seconds(1)).await();
            task.cancel("stop");
            assertEquals("stop", assertThrows(CancellationException.class, task::await).getMessage());
        });
        assertEquals(
                List.of(
                        "inner Java: stop",
                        "inner Java cleaned up",
                        "Kotlin: stop",
                        "Kotlin cleaned up",
                        "outer Java: stop"),
                events);
    }

    @Test
    @DisplayName("a cancellation passes from Kotlin through Java to Kotlin, and back")
    void kotlinJavaKotlin() {
        var thrown = KotlinLayer.cancelFromKotlin(events, () -> {
            try {
                return Bodies.awaitInBody(KotlinLayer.kotlinAround(events, () -> sleepLong("Java")));
            } finally {
                events.add("Java in between");
            }
        });
        assertEquals("from Kotlin", assertThrows(CancellationException.class, () -> {
            throw thrown;
        }).getMessage());
        assertEquals(
                List.of(
                        "Java: from Kotlin",
                        "Java cleaned up",
                        "Kotlin: from Kotlin",
                        "Kotlin cleaned up",
                        "Java in between",
                        "Kotlin: from Kotlin",
                        "Kotlin cleaned up"),
                events);
    }

    @Test
    @DisplayName("Java in between may refuse the cancellation, and Kotlin goes on")
    void refused() {
        VirtualTime.run(() -> {
            var task = createTask(() -> Bodies.awaitInBody(KotlinLayer.kotlinAround(events, () -> {
                try {
                    return sleepLong("Java");
                } catch (CancellationException e) {
                    return "refused";
                }
            })));
            sleep(seconds(1)).await();
            task.cancel("stop");
            assertEquals("refused", task.await());
        });
        assertEquals(List.of("Java: stop", "Java cleaned up", "Kotlin cleaned up"), events);
    }
}
