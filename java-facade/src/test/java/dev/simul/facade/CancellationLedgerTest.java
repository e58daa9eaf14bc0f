// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.CancelledException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.cancellationLedger;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.formatCallGraph;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CancellationLedgerTest {
    private static final String HERE = "dev\\.simul\\.facade\\.CancellationLedgerTest\\.\\S+\\(CancellationLedgerTest\\.java:\\d+\\)";

    private static void refuse() {
        try {
            sleep(Duration.ofHours(1)).await();
        } catch (CancelledException e) {
            sleep(Duration.ofHours(1)).await();
        }
    }

    @Test
    @DisplayName("a task that was asked to cancel knows who asked, why, where it was delivered and what came next")
    void ledger() {
        VirtualClock.runTest(() -> {
            var refusing = createTask(new TaskOptions().name("refusing"), CancellationLedgerTest::refuse);
            sleep(Duration.ofSeconds(1)).await();
            var boss = createTask(new TaskOptions().name("boss"), () -> refusing.cancel("enough"));
            await(boss);
            sleep(Duration.ofSeconds(1)).await();
            var line = cancellationLedger(refusing).get(0);
            assertTrue(line.matches("asked to cancel by boss: \"enough\"; delivered at " + HERE + "; then it awaited sleep"), line);
            assertTrue(formatCallGraph(refusing).contains("  + " + line + "\n"), () -> formatCallGraph(refusing));
            refusing.cancel();
            sleep(Duration.ofSeconds(1)).await();
            assertEquals("ended cancelled", cancellationLedger(refusing).get(2));
            return null;
        });
    }

    @Test
    @DisplayName("so does one that another thread has cancelled")
    void otherThread() throws Exception {
        Asyncio.run(() -> {
            var waiting = createTask(CancellationLedgerTest::refuse);
            sleep(Duration.ofMillis(1)).await();
            var thread = new Thread(() -> waiting.cancel("from outside"), "impatient");
            thread.start();
            while (waiting.cancelling() == 0) sleep(Duration.ofMillis(1)).await();
            var line = cancellationLedger(waiting).get(0);
            assertTrue(line.startsWith("asked to cancel by thread 'impatient': \"from outside\"; delivered at "), line);
            waiting.cancel();
            return null;
        });
    }

    @Test
    @DisplayName("there is none of a task that nobody has cancelled, nor of a future")
    void none() {
        VirtualClock.runTest(() -> {
            assertEquals(List.of(), cancellationLedger(createTask(() -> 1)));
            assertEquals(List.of(), cancellationLedger(createFuture()));
            return null;
        });
    }

    @Test
    @DisplayName("locks, semaphores, limiters, events, barriers, conditions and queues are called by their names")
    void names() {
        VirtualClock.runTest(() -> {
            var lock = new Lock("orders");
            lock.acquire().await();
            var holder = Asyncio.currentTask().getName();
            assertWait("Lock.acquire of orders, last acquired by " + holder, () -> lock.acquire().await());
            assertWait("Semaphore.acquire of slots", () -> new Semaphore(0, "slots").acquire().await());
            assertWait("Semaphore.acquire of bound", () -> new BoundedSemaphore(0, "bound").acquire().await());
            assertWait("Event.wait of ready", () -> new Event("ready").waitUntilSet().await());
            assertWait("Barrier.wait of start", () -> new Barrier(2, "start").waitForParties().await());
            assertWait("Queue.get of jobs", () -> new Queue<>(0, "jobs").get().await());
            assertWait("Queue.get of stack", () -> new LifoQueue<>(0, "stack").get().await());
            assertWait("Queue.get of heap", () -> new PriorityQueue<Integer>(0, null, "heap").get().await());
            var limiter = new RateLimiter(1, Duration.ofHours(1), "api");
            limiter.acquire().await();
            assertWait("RateLimiter.acquire of api", () -> limiter.acquire().await());
            var condition = new Condition(new Lock(), "stock");
            assertWait("Condition.wait of stock", () -> {
                try (var held = condition.hold()) {
                    condition.waitUntilNotified().await();
                }
            });
            return null;
        });
    }

    private static void assertWait(String expected, Action wait) {
        var task = createTask(wait);
        sleep(Duration.ofSeconds(1)).await();
        var graph = formatCallGraph(task);
        assertTrue(graph.contains("  + waiting for " + expected + "\n"), graph);
        task.cancel();
    }
}
