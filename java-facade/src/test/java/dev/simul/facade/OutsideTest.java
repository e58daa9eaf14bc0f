// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Child;
import dev.simul.house.Jdk;
import dev.simul.observe.jmx.Outside;
import dev.simul.observe.jmx.SeenTask;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Programs of Java are shown to another process, whatever carries their bodies, and print nothing for it. */
class OutsideTest {
    static Stream<Arguments> carriers() {
        return Jdk.all().stream().flatMap(jdk -> carriersOf(jdk).stream().map(carrier -> Arguments.of(jdk, carrier)));
    }

    private static List<String> carriersOf(Jdk jdk) {
        return jdk.getFeature() >= 24
                ? List.of("platform", "virtual", "pumped")
                : jdk.getFeature() >= 21 ? List.of("platform", "virtual") : List.of("platform");
    }

    private static void observing(String program, Jdk jdk, String carrier, Consumer<Outside> test) throws Exception {
        var options = List.of("-Dsimul.carrier=" + carrier);
        var main = ObservedProgram.class.getName();
        try (var child = new Child(main, program, options, carrier.equals("pumped"), List.of(), jdk.getHome())) {
            assertEquals(List.of(), child.await("ready"));
            try (var outside = new Outside(child.getPid())) {
                outside.awaitRegistration();
                test.accept(outside);
            }
            child.endInput();
            assertEquals(List.of("ended"), child.rest());
            assertEquals(0, child.exitStatus());
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("carriers")
    @DisplayName("bodies that wait are shown with what they wait for, and with their lines")
    void parked(Jdk jdk, String carrier) throws Exception {
        observing("parked", jdk, carrier, outside -> {
            var seen = outside.snapshot(true).get(0);
            assertTrue(seen.isAnswer());
            assertEquals("main", seen.getThread());
            assertEquals(Set.of("waiting"), seen.getTasks().stream().map(SeenTask::getState).collect(Collectors.toSet()));
            assertEquals(
                    List.of("sleeper", "locker", "gatherer"), seen.getTasks().stream().skip(1).map(SeenTask::getName).toList());
            assertEquals(List.of("sleeper", "locker"), seen.awaitedBy("gatherer"));
            assertEquals("Lock.acquire of <Lock [locked, waiters:1]>, last acquired by locker", seen.task("locker").getWaitingFor());
            var stack = seen.task("locker").getStack();
            assertTrue(stack.get(0).startsWith("dev.simul.facade.ObservedProgram.acquireTwice(ObservedProgram.java:"), stack::toString);
            var coroutine = seen.task("sleeper").getCoroutine();
            assertTrue(coroutine.contains("ObservedProgram.waitUntilCancelled(ObservedProgram.java:"), coroutine);
        });
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("carriers")
    @DisplayName("a body that spins is shown while it does")
    void spins(Jdk jdk, String carrier) throws Exception {
        held("spins", "ObservedProgram.java:", jdk, carrier);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("carriers")
    @DisplayName("a body that blocks the loop is shown while it does")
    void blocks(Jdk jdk, String carrier) throws Exception {
        held("blocks", "java.util.concurrent.CountDownLatch.await(", jdk, carrier);
    }

    private static void held(String program, String where, Jdk jdk, String carrier) throws Exception {
        observing(program, jdk, carrier, outside -> {
            var seen = outside.snapshot(true).get(0);
            assertFalse(seen.isAnswer());
            assertEquals("running", seen.getState());
            assertEquals(seen.task("holder").getId(), seen.getBusyTask());
            assertTrue(seen.getBusyStack().toString().contains(where), seen.getBusyStack()::toString);
            assertTrue(seen.task("holder").getStack().toString().contains(where), seen.task("holder").getStack()::toString);
            assertEquals("running", seen.task("holder").getState());
            assertEquals("waiting", seen.task("sleeper").getState());
            var stack = seen.task("sleeper").getStack().toString();
            assertTrue(stack.contains("ObservedProgram.waitUntilCancelled("), stack);
        });
    }
}
