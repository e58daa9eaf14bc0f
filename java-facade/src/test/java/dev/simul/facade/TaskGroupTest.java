// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.ExceptionGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TaskGroupTest {
    private final List<String> events = new ArrayList<>();

    private String slow(String name, long seconds) {
        try {
            sleep(seconds(seconds)).await();
            events.add(name);
            return name;
        } catch (CancellationException e) {
            events.add(name + " cancelled");
            throw e;
        }
    }

    @Test
    @DisplayName("a group ends when its tasks have ended")
    void waitsForItsTasks() {
        VirtualTime.run(() -> {
            var tasks = taskGroup(group -> {
                var first = group.createTask(() -> slow("first", 2));
                var second = group.createTask("named", () -> slow("second", 1));
                assertEquals("named", second.getName());
                assertTrue(group.toString().contains("tasks=2"), group::toString);
                return List.of(first, second);
            }).await();
            assertEquals(List.of("second", "first"), events);
            assertEquals("first", tasks.get(0).result());
        });
    }

    @Test
    @DisplayName("the first failure cancels the other tasks and the body, and all failures are thrown as a group")
    void fails() {
        VirtualTime.run(() -> {
            var thrown = assertThrows(ExceptionGroup.class, () -> taskGroup(group -> {
                group.createTask(() -> slow("slow", 9));
                group.createTask(() -> {
                    sleep(seconds(1)).await();
                    throw new IOException("failed");
                });
                return slow("body", 9);
            }).await());
            assertEquals(List.of("body cancelled", "slow cancelled"), events.stream().sorted().toList());
            assertEquals(1, thrown.exceptions().size());
            assertEquals("failed", thrown.exceptions().get(0).getMessage());
            return sleep(seconds(1)).await();
        });
    }

    @Test
    @DisplayName("a failure of the body is thrown in a group too, when the tasks have ended")
    void bodyFails() {
        VirtualTime.run(() -> {
            var failure = new IOException("the body's");
            var thrown = assertThrows(ExceptionGroup.class, () -> taskGroup(group -> {
                group.createTask(() -> slow("slow", 9));
                sleep(seconds(1)).await();
                throw failure;
            }).await());
            assertSame(failure, thrown.exceptions().get(0));
            assertEquals(List.of("slow cancelled"), events);
        });
    }

    @Test
    @DisplayName("cancelling the task cancels the whole group")
    void cancelled() {
        VirtualTime.run(() -> {
            var task = createTask(() -> taskGroup(group -> group.createTask(() -> slow("member", 9))).await());
            sleep(seconds(1)).await();
            task.cancel("stop");
            assertEquals("stop", assertThrows(CancellationException.class, task::await).getMessage());
            assertEquals(List.of("member cancelled"), events);
        });
    }

    @Test
    @DisplayName("groups nest, and an inner failure comes as a group in a group")
    void nested() {
        VirtualTime.run(() -> {
            var thrown = assertThrows(ExceptionGroup.class, () -> taskGroup(outer -> {
                outer.createTask(() -> taskGroup(inner -> inner.createTask(() -> {
                    throw new IOException("deep");
                })).await());
                return slow("body", 9);
            }).await());
            var inner = (ExceptionGroup) thrown.exceptions().get(0);
            assertEquals("deep", inner.exceptions().get(0).getMessage());
        });
    }

    @Test
    @DisplayName("a group that has ended takes no tasks; options are passed on")
    void finishedAndOptions() {
        VirtualTime.run(() -> {
            var group = taskGroup(it -> {
                var eager = it.createTask(new TaskOptions().eagerStart(true), () -> events.add("eager"));
                assertTrue(eager.isDone());
                return it;
            }).await();
            assertEquals(List.of("eager"), events);
            return assertThrows(IllegalStateException.class, () -> group.createTask(() -> "too late"));
        });
    }

    @Test
    @DisplayName("a group that is not awaited at once is a task of its own")
    void asATask() {
        VirtualTime.run(() -> {
            var grouped = taskGroup(group -> group.createTask(() -> slow("member", 1)));
            events.add("main");
            assertEquals("member", grouped.await().result());
            assertEquals(List.of("main", "member"), events);
        });
    }
}
