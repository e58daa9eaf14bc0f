// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.allTasks;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AsyncioTest {
    private final List<String> events = new ArrayList<>();

    private String count(String name) {
        for (int i = 1; i <= 3; i++) {
            events.add(name + i);
            sleep(seconds(1)).await();
        }
        return name;
    }

    private void count(String name, int turns) {
        for (int i = 1; i <= turns; i++) {
            events.add(name + i);
            sleep(Duration.ZERO).await();
        }
    }

    private <T> T record(T event) {
        events.add(String.valueOf(event));
        return event;
    }

    @Test
    @DisplayName("three counting tasks take turns")
    void threeCountingTasks() {
        List<String> names = VirtualTime.run(() -> {
            var a = createTask(() -> count("a"));
            var b = createTask(() -> count("b"));
            var c = createTask(() -> count("c"));
            return gather(a, b, c).await();
        });
        assertEquals(List.of("a", "b", "c"), names);
        assertEquals(List.of("a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"), events);
    }

    @Test
    @DisplayName("run takes real time, and gives back what its body returns")
    void runOnTheMachinesClock() {
        long start = System.nanoTime();
        assertEquals("woken", Asyncio.run(() -> sleep(Duration.ofMillis(20), "woken").await()));
        assertTrue(System.nanoTime() - start >= 20_000_000);
    }

    @Test
    @DisplayName("sleepers wake in the order of their deadlines")
    void sleepOrder() {
        VirtualTime.run(() -> {
            var late = createTask(() -> record(sleep(seconds(3), "late").await()));
            var early = createTask(() -> record(sleep(seconds(1), "early").await()));
            var middle = createTask(() -> record(sleep(seconds(2), "middle").await()));
            return gather(late, early, middle).await();
        });
        assertEquals(List.of("early", "middle", "late"), events);
    }

    @Test
    @DisplayName("a call that is awaited at once makes no task and takes no extra turn")
    void inPlace() {
        VirtualTime.run(() -> {
            var other = createTask(() -> count("other", 5));
            sleep(Duration.ZERO).await();
            var task = currentTask();
            var tasks = allTasks();
            timeout(seconds(1), () -> {
                assertSame(task, currentTask());
                assertEquals(tasks, allTasks());
                return record("in place");
            }).await();
            sleep(Duration.ZERO).await();
            record("one turn later");
            return other.await();
        });
        assertEquals(List.of("other1", "in place", "other2", "one turn later", "other3", "other4", "other5"), events);
    }

    @Test
    @DisplayName("a call that is not awaited at once starts as a task when the next call is made")
    void orderOfStart() {
        VirtualTime.run(() -> {
            var first = timeout(null, () -> record("first"));
            var second = createTask(() -> record("second"));
            var third = timeout(null, () -> record("third"));
            var fourth = timeout(null, () -> record("fourth"));
            record("main");
            fourth.await();
            record("main again");
            first.await();
            return gather(second, third).await();
        });
        assertEquals(List.of("main", "fourth", "main again", "first", "second", "third"), events);
    }

    @Test
    @DisplayName("awaiting one call starts the one that was made after it")
    void awaitStartsThePending() {
        VirtualTime.run(() -> {
            var first = createTask(() -> record("first"));
            var second = timeout(null, () -> record("second"));
            first.await();
            record("main");
            return second.await();
        });
        assertEquals(List.of("first", "second", "main"), events);
    }

    @Test
    @DisplayName("a call that a body never awaits starts when the body ends")
    void endStartsThePending() {
        VirtualTime.run(() -> {
            createTask(() -> {
                timeout(null, () -> record("left behind"));
                return record("end");
            }).await();
            sleep(Duration.ZERO).await();
        });
        assertEquals(List.of("end", "left behind"), events);
    }

    @Test
    @DisplayName("gather gives the results in the order of its arguments")
    void gatherResults() {
        var results = VirtualTime.run(() -> gather(sleep(seconds(2), "slow"), sleep(seconds(1), "fast")).await());
        assertEquals(List.of("slow", "fast"), results);
    }

    @Test
    @DisplayName("gather fails with the first failure, and the others go on")
    void gatherFails() {
        VirtualTime.run(() -> {
            var slow = createTask(() -> record(sleep(seconds(2), "slow").await()));
            var failing = createTask(() -> {
                sleep(seconds(1)).await();
                throw new IOException("first");
            });
            var all = gather(slow, failing);
            assertEquals("first", assertThrows(IOException.class, all::await).getMessage());
            record("failed");
            return slow.await();
        });
        assertEquals(List.of("failed", "slow"), events);
    }

    @Test
    @DisplayName("a timeout cancels its body and throws a TimeoutException")
    void timeoutExpires() {
        VirtualTime.run(() -> {
            assertThrows(TimeoutException.class, () -> timeout(seconds(1), () -> {
                try {
                    return sleep(seconds(9), "too late").await();
                } catch (CancellationException e) {
                    record("cancelled");
                    throw e;
                }
            }).await());
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("cancelled"), events);
    }

    @Test
    @DisplayName("a timeout that is a task of its own expires too")
    void timeoutAsTask() {
        VirtualTime.run(() -> {
            var limited = timeout(seconds(1), () -> sleep(seconds(9)).await());
            assertEquals("done", sleep(seconds(3), "done").await());
            return assertThrows(TimeoutException.class, limited::await);
        });
    }

    @Test
    @DisplayName("a timeout that does not expire gives the body's result")
    void timeoutInTime() {
        assertEquals("fast", VirtualTime.run(() -> timeout(seconds(2), () -> sleep(seconds(1), "fast").await()).await()));
    }

    @Test
    @DisplayName("stages of other origin are awaited, and their failures unwrapped")
    void foreignStages() {
        Asyncio.run(() -> {
            var stage = new CompletableFuture<String>();
            createTask(() -> stage.complete("completed"));
            assertEquals("completed", await(stage));
            var failed = sleep(Duration.ofMillis(1), "slept").thenApply(it -> {
                throw new IllegalArgumentException(it);
            });
            return assertThrows(IllegalArgumentException.class, () -> await(failed));
        });
    }

    @Test
    @DisplayName("a nested run is refused")
    void nestedRun() {
        VirtualTime.run(() -> {
            var refused = assertThrows(IllegalStateException.class, () -> Asyncio.run(() -> "nested"));
            assertTrue(refused.getMessage().contains("cannot be called from a running event loop"), refused.getMessage());
        });
    }

    @Test
    @DisplayName("outside a body all calls fail at once, and say where they belong")
    void outsideABody() {
        for (var call : List.<org.junit.jupiter.api.function.Executable>of(
                () -> sleep(seconds(1)),
                () -> createTask(() -> "body"),
                () -> timeout(null, () -> "body"),
                () -> await(new CompletableFuture<String>()))) {
            var refused = assertThrows(IllegalStateException.class, call);
            assertTrue(refused.getMessage().contains("inside run"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("in a callback of the loop calls start as tasks, and waiting fails at once")
    void inACallback() {
        VirtualTime.run(() -> {
            var refusals = new ArrayList<Throwable>();
            var called = new ArrayList<Future<String>>();
            var pending = createTask(() -> sleep(seconds(1), "slept").await());
            getRunningLoop().callSoon(() -> {
                called.add(sleep(seconds(1), "called"));
                called.add(createTask(() -> record("created")));
                refusals.add(assertThrows(IllegalStateException.class, pending::get));
                refusals.add(assertThrows(IllegalStateException.class, pending::join));
                refusals.add(assertThrows(IllegalStateException.class, pending::await));
                refusals.add(assertThrows(IllegalStateException.class, called.get(0)::await));
            });
            pending.await();
            assertEquals(4, refusals.size());
            for (var refused : refusals) {
                assertTrue(refused.getMessage().contains("do this in a body"), refused.getMessage());
            }
            assertEquals(List.of("called", "created"), gather(called).await());
        });
    }

    @Test
    @DisplayName("two hundred bodies live at once")
    void manyBodies() {
        int sum = VirtualTime.run(() -> {
            var alive = new ArrayList<Task<Integer>>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                alive.add(createTask(() -> {
                    events.add("begin");
                    sleep(seconds(200 - number)).await();
                    assertEquals(200, events.size());
                    return number;
                }));
            }
            return gather(alive).await().stream().mapToInt(Integer::intValue).sum();
        });
        assertEquals(199 * 200 / 2, sum);
    }

    @Test
    @DisplayName("each task has context variables of its own, which begin as a copy of its maker's")
    void contextVariables() {
        var variable = new ContextVar<String>("variable");
        VirtualTime.run(() -> {
            variable.set("main's");
            var copied = timeout(null, () -> record(variable.get()));
            variable.set("changed");
            var task = createTask(() -> {
                record(variable.get());
                variable.set("task's");
                sleep(seconds(1)).await();
                return record(variable.get());
            });
            task.await();
            copied.await();
            timeout(null, () -> variable.set("in place")).await();
            return record(variable.get());
        });
        assertEquals(List.of("main's", "changed", "task's", "in place"), events);
        assertThrows(NoSuchElementException.class, variable::get);
    }

    @Test
    @DisplayName("no thread is left waiting after run")
    void noThreadIsLeft() {
        var threads = new ArrayList<Thread>();
        VirtualTime.run(() -> {
            for (int i = 0; i < 3; i++) {
                createTask(() -> {
                    threads.add(Thread.currentThread());
                    return sleep(seconds(10)).await();
                });
            }
            return sleep(seconds(1)).await();
        });
        assertEquals(3, threads.size());
        for (Thread thread : threads) {
            assertTrue(thread.isDaemon());
            for (var frame : thread.getStackTrace()) {
                assertNotEquals("dev.simul.bodies.Body.await", frame.getClassName() + "." + frame.getMethodName());
            }
        }
    }

    @Test
    @DisplayName("a sleep has no result")
    void sleepWithoutResult() {
        assertNull(VirtualTime.run(() -> sleep(Duration.ofNanos(1)).await()));
    }

    @Test
    @DisplayName("what an await may throw can be declared, and caught")
    void declared() {
        String caught = VirtualTime.run(() -> {
            try {
                return await(timeout(seconds(1), () -> sleep(seconds(9), "late").await()), TimeoutException.class);
            } catch (TimeoutException e) {
                return "caught";
            }
        });
        assertEquals("caught", caught);
        VirtualTime.run(() -> assertThrows(
                IOException.class,
                () -> await(
                        createTask(() -> {
                            throw new IOException();
                        }),
                        TimeoutException.class)));
    }
}
