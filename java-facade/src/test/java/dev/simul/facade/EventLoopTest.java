// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import dev.simul.exceptions.GeneratorExit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import static dev.simul.facade.Asyncio.allTasks;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getEventLoop;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.runCoroutineThreadsafe;
import static dev.simul.facade.Asyncio.setEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EventLoopTest {
    private final List<String> events = new ArrayList<>();

    @Test
    @DisplayName("callbacks run in the order of their times, or of the calls")
    void callbacks() {
        VirtualTime.run(() -> {
            var loop = getRunningLoop();
            loop.callLater(seconds(2), () -> events.add("later"));
            loop.callAt(seconds(1), () -> events.add("at"));
            loop.callSoon(() -> events.add("soon"));
            loop.callSoonThreadsafe(() -> events.add("threadsafe"));
            sleep(seconds(3)).await();
        });
        assertEquals(List.of("soon", "threadsafe", "at", "later"), events);
    }

    @Test
    @DisplayName("callbacks run with the context variables they were given")
    void contexts() {
        var variable = new ContextVar<>("variable", "none");
        var context = new Context();
        context.run(() -> variable.set("given"));
        VirtualTime.run(() -> {
            var loop = getRunningLoop();
            variable.set("copied");
            Runnable record = () -> events.add(variable.get());
            loop.callSoon(record);
            assertEquals(context, loop.callSoon(context, record).getContext());
            loop.callSoonThreadsafe(context, record);
            loop.callLater(seconds(1), context, record);
            loop.callAt(seconds(2), context, record);
            return sleep(seconds(3)).await();
        });
        assertEquals(List.of("copied", "given", "given", "given", "given"), events);
    }

    @Test
    @DisplayName("a callback can be taken back")
    void handles() {
        VirtualTime.run(() -> {
            var loop = getRunningLoop();
            var handle = loop.callSoon(() -> events.add("soon"));
            var timer = loop.callLater(seconds(1), () -> events.add("later"));
            assertEquals(seconds(1), timer.when());
            assertEquals(handle, handle);
            assertNotEquals(handle, timer);
            assertEquals(timer.hashCode(), timer.hashCode());
            assertFalse(handle.cancelled());
            handle.cancel();
            timer.cancel();
            assertTrue(handle.cancelled());
            return sleep(seconds(2)).await();
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("a loop runs until it is stopped, or until a body or a future is done, and is closed once")
    void running() {
        var loop = newEventLoop();
        assertFalse(loop.isRunning());
        loop.callSoon(() -> {
            events.add(loop.isRunning() + "");
            loop.stop();
        });
        loop.runForever();
        assertEquals("body", loop.runUntilComplete(() -> {
            assertSame(loop, getRunningLoop());
            return sleep(Duration.ZERO, "body").await();
        }));
        var task = loop.createTask(() -> sleep(Duration.ofNanos(1), "task").await());
        assertSame(loop, task.getLoop());
        assertEquals("task", loop.runUntilComplete(task));
        assertEquals("task", task.result());
        assertNull(task.exception());
        assertThrows(IOException.class, () -> loop.runUntilComplete(() -> {
            throw new IOException("the body's");
        }));
        loop.close();
        loop.close();
        assertTrue(loop.isClosed());
        assertThrows(IllegalStateException.class, () -> loop.callSoon(() -> {}));
        assertEquals(List.of("true"), events);
    }

    @Test
    @DisplayName("a loop makes futures and tasks, named and with options, which may start eagerly")
    void tasks() {
        VirtualTime.run(() -> {
            var loop = getRunningLoop();
            assertSame(loop, loop.createFuture().getLoop());
            assertEquals("named", loop.createTask("named", () -> "named").getName());
            assertFalse(loop.eagerStart());
            loop.setEagerStart(true);
            assertTrue(loop.eagerStart());
            assertTrue(createTask(() -> "eager").isDone());
            assertFalse(createTask(new TaskOptions().eagerStart(false), () -> "not eager").isDone());
            loop.setEagerStart(false);
            assertFalse(createTask(() -> "not eager").isDone());
            var options = new TaskOptions().name("eager").eagerStart(true);
            assertEquals("TaskOptions[name=eager, context=null, eagerStart=true]", options.toString());
            var eager = loop.createTask(options, () -> currentTask().getName());
            assertEquals("eager", eager.result());
        });
    }

    @Test
    @DisplayName("there is one object for each loop and each task")
    void identity() {
        VirtualTime.run(() -> {
            var main = currentTask();
            assertSame(main, currentTask());
            assertSame(getRunningLoop(), getRunningLoop());
            var other = createTask(() -> {
                assertNotSame(main, currentTask());
                return currentTask();
            });
            assertEquals(Set.of(main, other), allTasks());
            assertEquals(allTasks(), allTasks(getRunningLoop()));
            assertSame(other, other.await());
            getRunningLoop().callSoon(() -> events.add("task: " + currentTask()));
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("task: null"), events);
    }

    @Test
    @DisplayName("a pending call is not begun by asking for the current task")
    void currentTaskIsNoCall() {
        VirtualTime.run(() -> {
            var slept = sleep(seconds(1), "slept");
            currentTask();
            assertEquals(1, allTasks().size());
            assertEquals("slept", slept.await());
        });
    }

    @Test
    @DisplayName("outside a running loop there is no task and no future")
    void outside() {
        for (var call : List.<org.junit.jupiter.api.function.Executable>of(
                Asyncio::getRunningLoop, Asyncio::currentTask, () -> allTasks(), Asyncio::createFuture)) {
            var refused = assertThrows(IllegalStateException.class, call);
            assertTrue(refused.getMessage().contains("inside run"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("the current loop of a thread is the one that was set")
    void currentLoop() {
        assertThrows(IllegalStateException.class, Asyncio::getEventLoop);
        try (var loop = newEventLoop()) {
            setEventLoop(loop);
            assertSame(loop, getEventLoop());
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @DisplayName("errors that nobody else can receive go to the exception handler")
    void exceptionHandler() {
        try (var loop = newEventLoop()) {
            assertNull(loop.getExceptionHandler());
        }
        VirtualTime.run(() -> {
            var loop = getRunningLoop();
            var contexts = new ArrayList<ExceptionContext>();
            java.util.function.BiConsumer<EventLoop, ExceptionContext> handler = (failed, context) -> {
                assertSame(loop, failed);
                contexts.add(context);
            };
            loop.setExceptionHandler(handler);
            assertSame(handler, loop.getExceptionHandler());
            var failure = new IllegalArgumentException("callback");
            var handle = loop.callSoon(() -> {
                throw failure;
            });
            sleep(seconds(1)).await();
            assertSame(failure, contexts.get(0).exception());
            assertEquals(handle, contexts.get(0).details().get("handle"));
            assertNull(contexts.get(0).origin());
            loop.callExceptionHandler(new ExceptionContext("mine", failure));
            assertEquals("mine", contexts.get(1).message());
            var task = createTask(() -> "task");
            loop.callExceptionHandler(new ExceptionContext("details", null, Map.of("task", task), null));
            assertSame(task, contexts.get(2).details().get("task"));
            loop.defaultExceptionHandler(contexts.get(2));
            loop.setExceptionHandler(null);
            assertNull(loop.getExceptionHandler());
        });
    }

    @Test
    @DisplayName("a task that fails unheard is reported when the loop closes")
    void unheard() {
        var contexts = new ArrayList<ExceptionContext>();
        VirtualTime.run(() -> {
            getRunningLoop().setExceptionHandler((loop, context) -> contexts.add(context));
            createTask("unheard", () -> {
                throw new IOException("nobody asks");
            });
            return sleep(seconds(1)).await();
        });
        assertEquals("nobody asks", contexts.get(0).exception().getMessage());
        assertTrue(contexts.get(0).details().containsValue("unheard"), contexts::toString);
    }

    @Test
    @DisplayName("debug mode and its limit can be set, and the clock be read")
    void settings() {
        try (var loop = newEventLoop()) {
            loop.setDebug(true);
            assertTrue(loop.getDebug());
            assertEquals(Duration.ofMillis(100), loop.slowCallbackDuration());
            loop.setSlowCallbackDuration(seconds(3));
            assertEquals(seconds(3), loop.slowCallbackDuration());
            assertTrue(loop.time().compareTo(loop.time()) <= 0);
            assertTrue(loop.toString().contains("debug=true"), loop::toString);
        }
    }

    @Test
    @DisplayName("blocking work runs in an executor, with the caller's context variables by toThread")
    void executors() {
        var variable = new ContextVar<>("variable", "none");
        var executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "mine"));
        VirtualTime.run(() -> {
            variable.set("set");
            var loop = getRunningLoop();
            var thread = Thread.currentThread();
            assertEquals("set", toThread(() -> variable.get()).await());
            assertNotSame(thread, toThread(() -> Thread.currentThread()).await());
            assertEquals("none", loop.runInExecutor(null, () -> variable.get()).await());
            assertEquals("mine", loop.runInExecutor(executor, () -> Thread.currentThread().getName()).await());
            assertThrows(IOException.class, () -> toThread(() -> {
                throw new IOException("in the thread");
            }).await());
            loop.setDefaultExecutor(executor);
            assertEquals("mine", toThread(() -> Thread.currentThread().getName()).await());
            loop.shutdownDefaultExecutor().await();
            assertTrue(executor.isShutdown());
            loop.shutdownDefaultExecutor(seconds(1)).await();
            assertThrows(RejectedExecutionException.class, () -> loop.runInExecutor(executor, () -> "late"));
            Void nothing = loop.shutdownAsyncgens().await();
            assertNull(nothing);
        });
    }

    @Test
    @DisplayName("other threads run bodies by runCoroutineThreadsafe, and may cancel them")
    void threadsafe() {
        Asyncio.run(() -> {
            var loop = getRunningLoop();
            var outside = toThread(() -> {
                assertEquals("body", runCoroutineThreadsafe(loop, () -> sleep(Duration.ofNanos(1), "body").await()).get());
                var forever = runCoroutineThreadsafe(loop, () -> sleep(Duration.ofDays(1)).await());
                forever.cancel("enough");
                return assertThrows(CancellationException.class, forever::await).getMessage();
            });
            assertEquals("enough", outside.await());
        });
    }

    @Test
    @DisplayName("run takes debug mode and a loop factory")
    void runVariants() {
        var loop = newEventLoop();
        assertSame(loop, Asyncio.run(true, () -> loop, () -> {
            assertTrue(getRunningLoop().getDebug());
            return getRunningLoop();
        }));
        assertTrue(loop.isClosed());
        assertFalse(Asyncio.run(false, null, () -> getRunningLoop().getDebug()));
    }

    @Test
    @DisplayName("who has run the loop finds done what ended in its last turn")
    void lastTurn() {
        var tasks = new ArrayList<Task<String>>();
        try (var loop = newEventLoop()) {
            loop.runUntilComplete(() -> tasks.add(createTask(() -> "ended")));
            assertTrue(tasks.get(0).isDone());
            assertFalse(tasks.get(0).isCancelled());
            assertEquals("ended", tasks.get(0).getNow("pending"));
            assertEquals("ended", tasks.get(0).result());
            assertNull(tasks.get(0).exception());
        }
    }

    @Test
    @DisplayName("who has run the loop cancels a task before its next step")
    void cancelledBetweenRuns() {
        try (var loop = newEventLoop()) {
            var task = loop.createTask(() -> {
                while (true) {
                    sleep(Duration.ZERO).await();
                    events.add("step");
                }
            });
            loop.runUntilComplete(() -> sleep(Duration.ZERO).await());
            events.clear();
            assertTrue(task.cancel("between runs"));
            var cancelled = assertThrows(CancellationException.class, () -> loop.runUntilComplete(task));
            assertEquals("between runs", cancelled.getMessage());
            assertEquals(List.of(), events);
            assertFalse(task.cancel("too late"));
        }
    }

    @Test
    @DisplayName("a body that is left when its loop closes can await nothing any more, and so does not hold up who closes it")
    void abandoned() {
        assertTimeoutPreemptively(seconds(60), () -> {
            var loop = newEventLoop();
            var other = loop.createTask(() -> sleep(seconds(3600)).await());
            loop.createTask(() -> {
                try {
                    return sleep(seconds(3600)).await();
                } finally {
                    for (var await : List.<Executable>of(
                            () -> sleep(Duration.ZERO).await(),
                            () -> sleep(Duration.ZERO).join(),
                            () -> sleep(Duration.ZERO).get(),
                            () -> sleep(Duration.ZERO).get(1, TimeUnit.HOURS),
                            other::await,
                            other::join,
                            other::get,
                            () -> other.get(1, TimeUnit.HOURS))) {
                        assertThrows(GeneratorExit.class, await);
                        events.add("ended");
                    }
                }
            });
            loop.runUntilComplete(() -> sleep(Duration.ZERO).await());
            loop.close();
        });
        assertEquals(Collections.nCopies(8, "ended"), events);
    }

    @Test
    @DisplayName("a thread that blocks on a task which ends in the last turn is woken when the loop closes")
    void endsInTheLastTurn() {
        assertTimeoutPreemptively(seconds(60), () -> {
            var loop = newEventLoop();
            var task = new Task<?>[1];
            loop.runUntilComplete(() -> task[0] = createTask(() -> "ended"));
            var joined = java.util.concurrent.CompletableFuture.supplyAsync(() -> task[0].join());
            loop.close();
            assertEquals("ended", joined.join());
        });
    }

    @Test
    @DisplayName("what is called beside a loop that does not run yet begins with it")
    void calledBefore() {
        try (var loop = newEventLoop()) {
            setEventLoop(loop);
            var early = sleep(Duration.ofMillis(1), "slept");
            assertEquals("slept", loop.runUntilComplete(early));
            assertEquals("slept", early.result());
        } finally {
            setEventLoop(null);
        }
    }
}
