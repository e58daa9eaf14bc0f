// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.exceptions.ExceptionGroup;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TracesTest {
    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static void run(Carrier carrier, Action main) {
        Asyncio.run(null, () -> {
            var loop = newEventLoop();
            loop.setCarrier(carrier);
            return loop;
        }, () -> {
            currentTask().setName("main");
            main.run();
            return null;
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a failure after an await shows its stack, its task, and the lines of those that await it")
    void deep(Carrier carrier) {
        run(carrier, () -> {
            var inner = createTask("inner", TracesTest::first);
            var outer = createTask("outer", () -> awaits(inner));
            var thrown = assertThrows(IllegalStateException.class, () -> awaits(outer));
            assertEquals(
                    List.of("third", "second", "first", "in.task(inner)", "awaited.by(outer)", "awaits", "awaited.by(main)", "awaits"),
                    shape(thrown));
            assertSame(thrown, inner.exception());
            assertTrue(
                    Arrays.stream(thrown.getStackTrace()).noneMatch(it -> it.getClassName().startsWith("dev.simul.facade.Asyncio")
                            || it.getClassName().startsWith("dev.simul.bodies.")
                            || it.getClassName().startsWith("dev.simul.loop.")),
                    () -> Arrays.toString(thrown.getStackTrace()));
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("gather, shields and limits of time are passed")
    void passed(Carrier carrier) {
        run(carrier, () -> {
            var gathered = assertThrows(
                    IllegalStateException.class,
                    () -> await(gather(createTask("slow", () -> await(sleep(Duration.ofMillis(20)))), createTask("failing", TracesTest::first))));
            assertEquals(List.of("third", "second", "first", "in.task(failing)", "awaited.by(main)"), shape(gathered));
            var shielded = assertThrows(
                    IllegalStateException.class, () -> await(shield(createTask("shielded", TracesTest::first))));
            assertEquals(List.of("third", "second", "first", "in.task(shielded)", "awaited.by(main)"), shape(shielded));
            var limited = createTask("limited", () -> await(timeout(Duration.ofSeconds(10), TracesTest::first)));
            assertEquals(
                    List.of("third", "second", "first", "in.task(limited)", "awaited.by(main)", "awaits"),
                    shape(assertThrows(IllegalStateException.class, () -> awaits(limited))));
            var late = createTask("late", TracesTest::tooSlow);
            var shape = shape(assertThrows(TimeoutException.class, () -> awaits(late)));
            assertEquals(
                    List.of("tooSlow", "in.task(late)", "awaited.by(main)", "awaits"), shape.subList(shape.indexOf("tooSlow"), shape.size()));
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a member of a group shows its task")
    void groups(Carrier carrier) {
        run(carrier, () -> {
            var group = assertThrows(ExceptionGroup.class, () -> await(taskGroup(it -> {
                it.createTask("one", TracesTest::first);
                return null;
            })));
            assertEquals(List.of("third", "second", "first", "in.task(one)"), shape(group.exceptions().get(0)));
            assertTrue(group.toString().endsWith("(1 sub-exception): java.lang.IllegalStateException: broken"), group::toString);
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("whoever asks a generator is in the trace, above the generator's own lines")
    void generators(Carrier carrier) {
        run(carrier, () -> {
            var task = createTask("user", TracesTest::uses);
            var shape = shape(assertThrows(IllegalStateException.class, () -> awaits(task)));
            assertEquals(List.of("third", "second", "first"), shape.subList(0, 3));
            assertTrue(shape.indexOf("uses") > 0 && shape.indexOf("uses") < shape.indexOf("in.task(user)"), shape::toString);
        });
    }

    private static int third() {
        await(sleep(Duration.ofMillis(1)));
        throw new IllegalStateException("broken");
    }

    private static int second() {
        return third() + 1;
    }

    private static int first() {
        return second() + 1;
    }

    private static <T> T awaits(Future<T> future) {
        return await(future);
    }

    private static int tooSlow() {
        await(timeout(Duration.ofMillis(1), () -> await(sleep(Duration.ofSeconds(10)))));
        return 1;
    }

    private static int uses() {
        var values = Asyncio.<Integer, Object>asyncGenerator(it -> {
            it.yield(1);
            it.yield(first());
        });
        int sum = 0;
        for (int value : values) {
            sum += value;
        }
        return sum;
    }

    /** The methods of this class, but for lambdas, and the markers. */
    private static List<String> shape(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .filter(it -> it.getClassName().equals(TracesTest.class.getName())
                        ? !it.getMethodName().startsWith("lambda$") && !it.getMethodName().equals("run")
                        : it.getClassName().equals("in") || it.getClassName().equals("awaited"))
                .map(it -> it.getClassName().equals(TracesTest.class.getName()) ? it.getMethodName() : it.toString())
                .filter(it -> !List.of("deep", "passed", "groups", "generators").contains(it))
                .toList();
    }
}
