// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.queues.QueueEmpty;
import dev.simul.queues.QueueFull;
import dev.simul.queues.QueueShutDown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class QueueTest {
    private final List<String> events = new ArrayList<>();

    private static List<Integer> drain(Queue<Integer> queue) {
        List<Integer> items = new ArrayList<>();
        while (!queue.empty()) {
            items.add(queue.getNowait());
        }
        return items;
    }

    private static Queue<Integer> filled(Queue<Integer> queue) {
        for (int item : List.of(2, 3, 1)) {
            queue.putNowait(item);
        }
        return queue;
    }

    @Test
    @DisplayName("put waits for a place and get for an item")
    void putAndGet() {
        VirtualTime.run(() -> {
            var queue = new Queue<Integer>(1);
            var producer = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    Void nothing = queue.put(i).await();
                    assertNull(nothing);
                    events.add("put " + i);
                }
            });
            for (int i = 0; i < 3; i++) {
                sleep(seconds(1)).await();
                int item = queue.get().await();
                events.add("got " + item);
            }
            return producer.await();
        });
        assertEquals(List.of("put 0", "got 0", "put 1", "got 1", "put 2", "got 2"), events);
    }

    @Test
    @DisplayName("it says how many items it has and may have")
    void sizes() {
        var queue = new Queue<String>(2);
        assertEquals(2, queue.maxsize());
        assertTrue(queue.empty());
        queue.putNowait("a");
        assertEquals(1, queue.qsize());
        assertFalse(queue.full());
        queue.putNowait("b");
        assertTrue(queue.full());
        assertEquals("<Queue maxsize=2 items=[a, b] tasks=2>", queue.toString());
        assertEquals(0, new Queue<String>().maxsize());
    }

    @Test
    @DisplayName("what cannot be done at once fails at once")
    void nowait() {
        var queue = new Queue<String>(1);
        assertThrows(QueueEmpty.class, queue::getNowait);
        queue.putNowait("a");
        assertThrows(QueueFull.class, () -> queue.putNowait("b"));
        assertEquals("a", queue.getNowait());
    }

    @Test
    @DisplayName("it may hold null")
    void nulls() {
        VirtualTime.run(() -> {
            var queue = new Queue<String>();
            queue.put(null).await();
            assertEquals(1, queue.qsize());
            assertNull(queue.get().await());
        });
    }

    @Test
    @DisplayName("join waits until every item is done")
    void join() {
        VirtualTime.run(() -> {
            var queue = new Queue<Integer>();
            filled(queue);
            var joining = createTask(() -> queue.join().await());
            for (int i = 0; i < 3; i++) {
                sleep(seconds(1)).await();
                assertFalse(joining.isDone());
                queue.getNowait();
                queue.taskDone();
            }
            assertNull(joining.await());
            assertThrows(IllegalArgumentException.class, queue::taskDone);
        });
    }

    @Test
    @DisplayName("a queue that was shut down gives away what it has, and nothing more")
    void shutdown() {
        VirtualTime.run(() -> {
            var queue = new Queue<Integer>();
            queue.putNowait(1);
            queue.shutdown();
            assertThrows(QueueShutDown.class, () -> queue.put(2).await());
            assertEquals(1, queue.get().await());
            assertThrows(QueueShutDown.class, () -> queue.get().await());
        });
    }

    @Test
    @DisplayName("a queue that is shut down at once drops what it has, and wakes those that wait")
    void shutdownImmediately() {
        VirtualTime.run(() -> {
            var queue = new Queue<Integer>();
            queue.putNowait(1);
            queue.shutdown(true);
            queue.join().await();
            assertThrows(QueueShutDown.class, queue::getNowait);
            var other = new Queue<Integer>();
            var waiting = createTask(() -> other.get().await());
            sleep(seconds(1)).await();
            other.shutdown(false);
            assertThrows(QueueShutDown.class, waiting::await);
        });
    }

    @Test
    @DisplayName("each kind has its order")
    void orders() {
        assertEquals(List.of(2, 3, 1), drain(filled(new Queue<>())));
        assertEquals(List.of(1, 3, 2), drain(filled(new LifoQueue<>())));
        assertEquals(List.of(1, 2, 3), drain(filled(new PriorityQueue<>())));
        assertEquals(List.of(3, 2, 1), drain(filled(new PriorityQueue<>(Comparator.reverseOrder()))));
    }

    @Test
    @DisplayName("each kind may have a limit")
    void limits() {
        for (Queue<Integer> queue : List.<Queue<Integer>>of(
                new Queue<>(3), new LifoQueue<>(3), new PriorityQueue<>(3), new PriorityQueue<>(3, Comparator.reverseOrder()))) {
            assertThrows(QueueFull.class, () -> filled(queue).putNowait(4));
        }
    }

    @Test
    @DisplayName("a priority queue refuses items without an order")
    void withoutOrder() {
        var queue = new PriorityQueue<Object>();
        assertThrows(ClassCastException.class, () -> {
            queue.putNowait(new Object());
            queue.putNowait(new Object());
        });
    }
}
