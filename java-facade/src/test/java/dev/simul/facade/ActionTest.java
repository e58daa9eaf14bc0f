// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.exceptStar;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.runCoroutineThreadsafe;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.timeoutAt;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ActionTest {
    private final List<String> events = new ArrayList<>();

    private void record() {
        events.add("body");
    }

    /** What the action was for, and how often it has run since. */
    private void ran(int times) {
        assertEquals(times, events.size());
        events.clear();
    }

    @Test
    @DisplayName("what runs a loop takes a body that returns nothing")
    void running() {
        Asyncio.run(() -> record());
        Asyncio.run(this::record);
        Asyncio.run(true, null, this::record);
        Asyncio.runLoop(this::record);
        Asyncio.runLoop(true, null, this::record);
        ran(5);
        assertEquals("value", Asyncio.runLoop(() -> "value"));
        assertEquals(true, Asyncio.runLoop(true, null, () -> getRunningLoop().getDebug()));
        try (var runner = new Runner()) {
            runner.run(this::record);
            runner.run(new Context(), this::record);
        }
        ran(2);
        try (var loop = Asyncio.newEventLoop()) {
            loop.runUntilComplete(this::record);
        }
        ran(1);
        VirtualClock.runTest(this::record);
        new VirtualClock().run(this::record);
        new VirtualClock().run(true, this::record);
        ran(3);
        new Context().run(this::record);
        ran(1);
    }

    @Test
    @DisplayName("what makes tasks and calls takes a body that returns nothing, and their result is null")
    void calls() {
        VirtualTime.run(() -> {
            assertNull(createTask(this::record).await());
            assertEquals("named", named(createTask("named", this::record)));
            assertEquals("optional", named(createTask(TaskOptions.NONE.name("optional"), this::record)));
            var loop = getRunningLoop();
            assertNull(loop.createTask(this::record).await());
            assertEquals("named", named(loop.createTask("named", this::record)));
            assertEquals("optional", named(loop.createTask(TaskOptions.NONE.name("optional"), this::record)));
            ran(6);
            taskGroup(group -> {
                group.createTask(this::record);
                group.createTask("named", this::record);
                return group.createTask(TaskOptions.NONE, this::record);
            }).await();
            ran(3);
            assertEquals(Arrays.asList(null, null), gather(this::record, this::record).await());
            ran(2);
            assertNull(await(waitFor(this::record, seconds(1))));
            assertNull(await(timeout(seconds(1), this::record)));
            assertNull(await(timeoutAt(seconds(1), this::record)));
            assertNull(await(shield(this::record)));
            assertNull(await(toThread(this::record)));
            assertNull(await(loop.runInExecutor(null, this::record)));
            ran(6);
            exceptStar(this::record, clauses -> {});
            ran(1);
            asyncWith(new AsyncExitStack(), stack -> {
                stack.pushAsyncCallback(this::record);
                return null;
            }).await();
            ran(1);
        });
    }

    private static String named(Task<Void> task) {
        assertNull(task.await());
        return task.getName();
    }

    @Test
    @DisplayName("a loop in the background takes a body that returns nothing")
    void background() throws Exception {
        try (var loop = open()) {
            assertNull(loop.submit(this::record).get());
            assertNull(loop.submit(TaskOptions.NONE, this::record).get());
            assertNull(runCoroutineThreadsafe(loop.getLoop(), this::record).get());
        }
        ran(3);
    }

    @Test
    @DisplayName("a body that returns nothing is checked in each turn that it may be cancelled in")
    void cancelSafety() {
        checkCancelSafe(() -> {
            await(sleep(seconds(1)));
        });
        var leaves = assertThrows(AssertionError.class, () -> checkCancelSafe(new CancelOptions(), () -> {
            var timer = getRunningLoop().callLater(Duration.ofHours(1), () -> {});
            await(sleep(seconds(1)));
            timer.cancel();
        }));
        assertTrue(leaves.getMessage().contains("a timer is pending"), leaves.getMessage());
    }

    @Test
    @DisplayName("what an action throws reaches who awaits it as it is, with the frames of the body alone")
    void throwing() {
        VirtualTime.run(() -> {
            var failure = new IOException("out");
            var task = createTask(() -> {
                if (failure != null) throw failure;
            });
            assertSame(failure, assertThrows(IOException.class, task::await));
        });
    }

    @Test
    @DisplayName("a lambda that returns a value is a callable, and its value is the result")
    void callable() {
        int answer = Asyncio.run(() -> 42);
        assertEquals(42, answer);
        Callable<String> body = () -> "value";
        assertEquals("value", Asyncio.run(body));
        Action action = this::record;
        Asyncio.run(action);
        ran(1);
    }
}
