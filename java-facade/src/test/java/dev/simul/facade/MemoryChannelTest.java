// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.CancelledException;
import dev.simul.exceptions.StopAsyncIteration;
import dev.simul.queues.QueueEmpty;
import dev.simul.queues.QueueFull;
import dev.simul.queues.QueueShutDown;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MemoryChannelTest {
    private static MemoryChannel<Integer> channel(int capacity) {
        return getRunningLoop().channelTo(getRunningLoop(), capacity);
    }

    @Test
    @DisplayName("items arrive in order, and senders wait while it is full")
    void order() {
        var events = new ArrayList<String>();
        VirtualTime.run(() -> {
            var channel = channel(1);
            var sending = createTask(() -> {
                try (var sender = channel.sender()) {
                    for (int i = 0; i < 3; i++) {
                        Void nothing = sender.send(i).await();
                        assertNull(nothing);
                        events.add("sent " + i);
                    }
                }
            });
            sleep(ZERO).await();
            assertEquals(List.of("sent 0"), events);
            assertEquals(1, channel.sender().qsize());
            assertEquals(1, channel.receiver().qsize());
            for (int item : channel.receiver()) {
                events.add("received " + item);
            }
            sending.await();
        });
        assertEquals(List.of("received 0", "received 1", "received 2"), events.stream().filter(event -> event.startsWith("r")).toList());
    }

    @Test
    @DisplayName("what need not wait is done at once, or refused")
    void nowait() {
        VirtualTime.run(() -> {
            var channel = channel(1);
            assertThrows(QueueEmpty.class, channel.receiver()::receiveNowait);
            channel.sender().sendNowait(7);
            assertThrows(QueueFull.class, () -> channel.sender().sendNowait(8));
            assertEquals(7, channel.receiver().receiveNowait());
        });
    }

    @Test
    @DisplayName("the end is a default item, an exception, or the end of a for loop")
    void end() {
        VirtualTime.run(() -> {
            var channel = channel(5);
            channel.sender().sendNowait(1);
            channel.sender().sendNowait(2);
            channel.sender().sendNowait(3);
            channel.sender().close();
            var receiver = channel.receiver();
            assertEquals(1, receiver.anext().await());
            assertEquals(2, receiver.anext(0).await());
            assertEquals(3, receiver.receive().await());
            assertEquals(0, receiver.anext(0).await());
            assertThrows(StopAsyncIteration.class, () -> receiver.anext().await());
            assertThrows(QueueShutDown.class, () -> receiver.receive().await());
            receiver.forEach(item -> assertNull(item));
        });
    }

    @Test
    @DisplayName("closing an end because of something fails the other one with that")
    void cause() {
        VirtualTime.run(() -> {
            var reason = new IllegalStateException("the disk is full");
            var sent = channel(1);
            sent.sender().close(reason);
            assertSame(reason, assertThrows(QueueShutDown.class, () -> sent.receiver().iterator().hasNext()).getCause());
            var received = channel(1);
            received.receiver().close(reason);
            assertSame(reason, assertThrows(QueueShutDown.class, () -> received.sender().send(1).await()).getCause());
            var closed = channel(1);
            closed.receiver().aclose().await();
            assertThrows(QueueShutDown.class, () -> closed.sender().sendNowait(1));
            var left = channel(1);
            try (var receiver = left.receiver()) {
                assertEquals(0, receiver.qsize());
            }
            assertThrows(QueueShutDown.class, () -> left.sender().sendNowait(1));
        });
    }

    @Test
    @DisplayName("a cancelled task has sent nothing, and has received nothing")
    void cancelled() {
        VirtualTime.run(() -> {
            var channel = channel(1);
            channel.sender().sendNowait(0);
            var sending = createTask(() -> channel.sender().send(1).await());
            sleep(ZERO).await();
            sending.cancel();
            assertThrows(CancelledException.class, sending::await);
            assertEquals(0, channel.receiver().receive().await());
            var receiving = createTask(() -> channel.receiver().receive().await());
            sleep(ZERO).await();
            receiving.cancel();
            assertThrows(CancelledException.class, receiving::await);
            channel.sender().send(2).await();
            assertEquals(2, channel.receiver().receive().await());
        });
    }

    @Test
    @DisplayName("a publisher of the items takes them all, and closes the receiving end")
    void publisher() {
        VirtualTime.run(() -> {
            var channel = channel(5);
            channel.sender().sendNowait(1);
            channel.sender().sendNowait(2);
            channel.sender().close();
            var items = new ArrayList<Integer>();
            var ended = new CompletableFuture<Void>();
            channel.receiver().toPublisher().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(10);
                }

                @Override
                public void onNext(Integer item) {
                    items.add(item);
                }

                @Override
                public void onError(Throwable error) {
                    ended.completeExceptionally(error);
                }

                @Override
                public void onComplete() {
                    ended.complete(null);
                }
            });
            Asyncio.wrapFuture(ended).await();
            assertEquals(List.of(1, 2), items);
            assertThrows(QueueShutDown.class, () -> channel.receiver().receive().await());
        });
    }

    @Test
    @DisplayName("two loops have a channel, each end in its own loop")
    void twoLoops() {
        try (var other = open()) {
            run(() -> {
                MemoryChannel<Integer> there = getRunningLoop().channelTo(other.getLoop(), 10, "there");
                MemoryChannel<Integer> back = other.getLoop().channelTo(getRunningLoop(), 10, "back");
                assertEquals("<MemoryChannel <MemorySendChannel there 0/10> <MemoryReceiveChannel there 0/10>>", there.toString());
                assertSame(getRunningLoop(), there.sender().loop());
                assertSame(other.getLoop(), there.receiver().loop());
                assertEquals(10, there.sender().capacity());
                assertEquals(10, there.receiver().capacity());
                var squaring = other.submit(() -> {
                    try (var sender = back.sender()) {
                        for (int item : there.receiver()) {
                            sender.send(item * item).await();
                        }
                    }
                });
                var sending = createTask(() -> {
                    try (var sender = there.sender()) {
                        for (int i = 0; i < 1000; i++) {
                            sender.send(i).await();
                        }
                    }
                });
                int expected = 0;
                for (int item : back.receiver()) {
                    assertEquals(expected * expected, item);
                    expected++;
                }
                assertEquals(1000, expected);
                sending.await();
                assertTrue(assertThrows(IllegalStateException.class, () -> back.sender().send(1).await())
                        .getMessage()
                        .contains("belongs to another loop"));
                Asyncio.toThread(squaring::join).await();
            });
        }
    }
}
