// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import dev.simul.exceptions.CancelledException;
import dev.simul.generators.FlowPublisherKt;
import dev.simul.generators.PublisherGeneratorKt;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.SubmissionPublisher;
import kotlinx.coroutines.flow.Flow;
import kotlinx.coroutines.flow.FlowKt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.VirtualTime.seconds;
import static dev.simul.loop.RunningLoopKt.getRunningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class PublisherTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    private AsyncGenerator<Integer, Void> count(int n) {
        return asyncGenerator(gen -> {
            try {
                for (int i = 1; i <= n; i++) {
                    events.add("makes " + i);
                    gen.yield(i);
                }
            } finally {
                events.add("cleans up");
            }
        });
    }

    /** Records what it is told, and asks for {@code first} items at the beginning. */
    private class Recorder<T> implements Subscriber<T> {
        final CompletableFuture<String> end = new CompletableFuture<>();
        private final long first;
        Subscription subscription;

        Recorder(long first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            this.subscription = subscription;
            if (first != 0) {
                subscription.request(first);
            }
        }

        @Override
        public void onNext(T item) {
            events.add("next " + item);
        }

        @Override
        public void onError(Throwable throwable) {
            events.add("error " + throwable.getClass().getSimpleName());
            end.complete(String.valueOf(throwable.getMessage()));
        }

        @Override
        public void onComplete() {
            events.add("complete");
            end.complete("complete");
        }
    }

    @Test
    @DisplayName("a subscriber gets as many items as it asks for, and each is made only then")
    void backpressure() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(0);
            count(4).toPublisher().subscribe(recorder);
            sleep(seconds(1)).await();
            events.add("asks for 1");
            recorder.subscription.request(1);
            sleep(seconds(1)).await();
            events.add("asks for 2");
            recorder.subscription.request(2);
            sleep(seconds(1)).await();
            events.add("asks for all");
            recorder.subscription.request(Long.MAX_VALUE);
            recorder.subscription.request(Long.MAX_VALUE);
            return await(recorder.end);
        });
        assertEquals(
                List.of(
                        "asks for 1", "makes 1", "next 1",
                        "asks for 2", "makes 2", "next 2", "makes 3", "next 3",
                        "asks for all", "makes 4", "next 4", "cleans up", "complete"),
                events);
    }

    @Test
    @DisplayName("a generator's failure reaches the subscriber")
    void failure() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5);
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                gen.yield(1);
                throw new IOException("boom");
            });
            generator.toPublisher().subscribe(recorder);
            assertEquals("boom", await(recorder.end));
        });
        assertEquals(List.of("next 1", "error IOException"), events);
    }

    @Test
    @DisplayName("cancelling closes the generator, and the subscriber hears no more")
    void cancel() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(1);
            count(3).toPublisher().subscribe(recorder);
            sleep(seconds(1)).await();
            recorder.subscription.cancel();
            recorder.subscription.cancel();
            recorder.subscription.request(5);
            recorder.subscription.request(-1);
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("makes 1", "next 1", "cleans up"), events);
    }

    @Test
    @DisplayName("cancelling from within onNext ends it there")
    void cancelInOnNext() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5) {
                @Override
                public void onNext(Integer item) {
                    super.onNext(item);
                    subscription.cancel();
                }
            };
            count(3).toPublisher().subscribe(recorder);
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("makes 1", "next 1", "cleans up"), events);
    }

    @Test
    @DisplayName("a generator that is closed by its subscriber may await while it cleans up")
    void cleanUpWaits() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5) {
                @Override
                public void onNext(Integer item) {
                    super.onNext(item);
                    subscription.cancel();
                }
            };
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                try {
                    gen.yield(1);
                } finally {
                    sleep(seconds(1)).await();
                    events.add("clean");
                }
            });
            generator.toPublisher().subscribe(recorder);
            return sleep(seconds(2)).await();
        });
        assertEquals(List.of("next 1", "clean"), events);
    }

    @Test
    @DisplayName("a generator that yields when it is cancelled hands over nothing")
    void yieldsWhenCancelled() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5);
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                try {
                    sleep(seconds(100)).await();
                } catch (CancelledException e) {
                    events.add("cancelled");
                }
                gen.yield(1);
            });
            generator.toPublisher().subscribe(recorder);
            sleep(seconds(1)).await();
            recorder.subscription.cancel();
            sleep(seconds(1)).await();
            assertEquals("<AsyncGenerator ended>", generator.toString());
        });
        assertEquals(List.of("cancelled"), events);
    }

    @Test
    @DisplayName("cancelling at once closes a generator that has not begun")
    void cancelAtOnce() {
        VirtualTime.run(() -> {
            var generator = count(3);
            var recorder = new Recorder<Integer>(0) {
                @Override
                public void onSubscribe(Subscription subscription) {
                    subscription.cancel();
                }
            };
            generator.toPublisher().subscribe(recorder);
            sleep(seconds(1)).await();
            assertEquals("<AsyncGenerator ended>", generator.toString());
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("cancelling while the generator awaits cancels what it awaits")
    void cancelWhileItWaits() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(1);
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                try {
                    sleep(seconds(100)).await();
                } finally {
                    events.add("woken");
                }
            });
            generator.toPublisher().subscribe(recorder);
            sleep(seconds(1)).await();
            recorder.subscription.cancel();
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("woken"), events);
    }

    @Test
    @DisplayName("asking for nothing or less is an error of the subscriber's, which it is told")
    void requestOfNothing() {
        for (long n : new long[] {0, -1, Long.MIN_VALUE}) {
            events.clear();
            VirtualTime.run(() -> {
                var recorder = new Recorder<Integer>(1);
                count(3).toPublisher().subscribe(recorder);
                sleep(seconds(1)).await();
                recorder.subscription.request(n);
                assertTrue(await(recorder.end).contains("3.9"));
            });
            assertEquals(List.of("makes 1", "next 1", "cleans up", "error IllegalArgumentException"), events);
        }
    }

    @Test
    @DisplayName("a subscriber must not be null")
    void nullSubscriber() {
        VirtualTime.run(() -> {
            var publisher = count(1).toPublisher();
            assertThrows(NullPointerException.class, () -> publisher.subscribe(null));
        });
    }

    @Test
    @DisplayName("an item must not be null")
    void nullItem() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5);
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> gen.yield(null));
            generator.toPublisher().subscribe(recorder);
            return await(recorder.end);
        });
        assertEquals(List.of("error NullPointerException"), events);
    }

    @Test
    @DisplayName("a second subscriber is refused, after its onSubscribe")
    void secondSubscriber() {
        VirtualTime.run(() -> {
            var publisher = count(1).toPublisher();
            var first = new Recorder<Integer>(5);
            var second = new Recorder<Integer>(5);
            publisher.subscribe(first);
            publisher.subscribe(second);
            assertTrue(await(second.end).contains("has a subscriber already"));
            await(first.end);
        });
        assertEquals(List.of("error IllegalStateException", "makes 1", "next 1", "cleans up", "complete"), events);
    }

    @Test
    @DisplayName("a subscriber that throws is dropped, and the generator closed")
    void throwingSubscriber() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5) {
                @Override
                public void onNext(Integer item) {
                    super.onNext(item);
                    throw new IllegalStateException("boom");
                }
            };
            getRunningLoop().setExceptionHandler((loop, context) -> events.add("reported " + context.getException().getMessage()));
            count(3).toPublisher().subscribe(recorder);
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("makes 1", "next 1", "reported boom", "cleans up"), events);
    }

    @Test
    @DisplayName("a subscriber that throws when it is subscribed is dropped too")
    void throwingOnSubscribe() {
        VirtualTime.run(() -> {
            var recorder = new Recorder<Integer>(5) {
                @Override
                public void onSubscribe(Subscription subscription) {
                    super.onSubscribe(subscription);
                    throw new IllegalStateException("boom");
                }
            };
            getRunningLoop().setExceptionHandler((loop, context) -> events.add("reported " + context.getException().getMessage()));
            count(3).toPublisher().subscribe(recorder);
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("reported boom"), events);
    }

    @Test
    @DisplayName("at the end of the loop a subscriber that still waits is told")
    void endOfTheLoop() {
        VirtualTime.run(() -> {
            count(3).toPublisher().subscribe(new Recorder<>(1));
            sleep(seconds(1)).await();
        });
        assertEquals(
                List.of("makes 1", "next 1", "cleans up", "error " + CancelledException.class.getSimpleName()), events);
    }

    @Test
    @DisplayName("a loop that is closed publishes nothing any more")
    void closedLoop() {
        List<Publisher<Integer>> publishers = new ArrayList<>();
        VirtualTime.run(() -> publishers.add(count(1).toPublisher()));
        var recorder = new Recorder<Integer>(1);
        publishers.get(0).subscribe(recorder);
        assertTrue(recorder.end.join().contains("closed"));
    }

    @Test
    @DisplayName("it runs with the context variables of whoever made the publisher")
    void contextVariables() {
        var variable = new ContextVar<String>("variable", "unset");
        VirtualTime.run(() -> {
            AsyncGenerator<String, Void> generator = asyncGenerator(gen -> gen.yield(variable.get()));
            variable.set("set");
            var publisher = generator.toPublisher();
            variable.set("later");
            var recorder = new Recorder<String>(5);
            publisher.subscribe(recorder);
            return await(recorder.end);
        });
        assertEquals(List.of("next set", "complete"), events);
    }

    @Test
    @DisplayName("other threads may subscribe, ask and cancel")
    void otherThreads() {
        var executor = Executors.newSingleThreadExecutor();
        try {
            VirtualTime.run(() -> {
                var publisher = count(1_000).toPublisher();
                var recorder = new Recorder<Integer>(0) {
                    @Override
                    public void onSubscribe(Subscription subscription) {
                        super.onSubscribe(subscription);
                        executor.execute(() -> subscription.request(1));
                    }

                    @Override
                    public void onNext(Integer item) {
                        executor.execute(() -> {
                            if (item < 500) {
                                subscription.request(1);
                            } else {
                                subscription.cancel();
                                end.complete("item " + item);
                            }
                        });
                    }
                };
                executor.execute(() -> publisher.subscribe(recorder));
                assertEquals("item 500", await(recorder.end));
            });
        } finally {
            executor.shutdown();
        }
        assertEquals("cleans up", events.get(events.size() - 1));
        assertEquals(501, events.size());
    }

    @Test
    @DisplayName("a for loop goes through any publisher's items")
    void fromAnyPublisher() {
        List<Integer> items = new ArrayList<>();
        Asyncio.run(() -> {
            try (var publisher = new SubmissionPublisher<Integer>()) {
                var producing = new Thread(() -> {
                    while (!publisher.hasSubscribers()) {
                        Thread.onSpinWait();
                    }
                    for (int i = 0; i < 1_000; i++) {
                        publisher.submit(i);
                    }
                    publisher.close();
                });
                producing.start();
                for (int item : fromPublisher(publisher, 3)) {
                    assertEquals(items.size(), item);
                    items.add(item);
                }
                producing.join();
            }
        });
        assertEquals(1_000, items.size());
    }

    /** A publisher by hand: the test is its other end. */
    private class Manual implements Publisher<Integer>, Subscription {
        Subscriber<? super Integer> subscriber;

        @Override
        public void subscribe(Subscriber<? super Integer> subscriber) {
            events.add("subscribed");
            this.subscriber = subscriber;
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            events.add("request " + n);
        }

        @Override
        public void cancel() {
            events.add("cancelled");
        }
    }

    @Test
    @DisplayName("it subscribes when the first item is asked for, and asks for a few ahead")
    void prefetch() {
        var manual = new Manual();
        VirtualTime.run(() -> {
            var items = fromPublisher(manual, 4);
            sleep(seconds(1)).await();
            events.add("begins");
            var first = createTask(() -> items.anext().await());
            sleep(Duration.ZERO).await();
            sleep(Duration.ZERO).await();
            for (int i = 1; i <= 4; i++) {
                manual.subscriber.onNext(i);
            }
            assertEquals(1, first.await());
            assertEquals(2, items.anext().await());
            assertEquals(3, items.anext().await());
            events.add("closes");
            items.close();
        });
        assertEquals(List.of("begins", "subscribed", "request 4", "request 2", "closes", "cancelled"), events);
    }

    @Test
    @DisplayName("a publisher's failure is thrown after the items before it")
    void failureOfAPublisher() {
        var manual = new Manual();
        var failure = new IOException("boom");
        VirtualTime.run(() -> {
            var items = fromPublisher(manual);
            var task = createTask(() -> {
                for (int item : items) {
                    events.add("got " + item);
                }
            });
            sleep(Duration.ZERO).await();
            manual.subscriber.onNext(1);
            manual.subscriber.onNext(2);
            manual.subscriber.onError(failure);
            assertSame(failure, assertThrows(IOException.class, task::await));
        });
        assertEquals(List.of("subscribed", "request 16", "got 1", "got 2"), events);
    }

    @Test
    @DisplayName("a publisher that sends more than it was asked for is cancelled")
    void tooMuch() {
        var manual = new Manual();
        VirtualTime.run(() -> {
            var items = fromPublisher(manual, 1);
            var first = createTask(() -> items.anext().await());
            sleep(Duration.ZERO).await();
            manual.subscriber.onNext(1);
            manual.subscriber.onNext(2);
            assertEquals(1, first.await());
            assertThrows(IllegalStateException.class, () -> items.anext().await());
        });
        assertEquals(List.of("subscribed", "request 1", "cancelled"), events);
    }

    @Test
    @DisplayName("a second subscription is cancelled, and null is no signal")
    void rulesOfASubscriber() {
        var manual = new Manual();
        VirtualTime.run(() -> {
            var items = fromPublisher(manual, 1);
            var first = createTask(() -> items.anext().await());
            sleep(Duration.ZERO).await();
            manual.subscriber.onSubscribe(manual);
            assertThrows(NullPointerException.class, () -> manual.subscriber.onSubscribe(null));
            assertThrows(NullPointerException.class, () -> manual.subscriber.onNext(null));
            assertThrows(NullPointerException.class, () -> manual.subscriber.onError(null));
            manual.subscriber.onComplete();
            manual.subscriber.onNext(1);
            assertThrows(dev.simul.exceptions.StopAsyncIteration.class, first::await);
        });
        assertEquals(List.of("subscribed", "request 1", "cancelled"), events);
    }

    @Test
    @DisplayName("a prefetch must be positive")
    void noPrefetch() {
        assertThrows(IllegalArgumentException.class, () -> fromPublisher(new Manual(), 0));
    }

    @Test
    @DisplayName("cancelling the task that waits for an item cancels the subscription")
    void cancelConsumer() {
        var manual = new Manual();
        VirtualTime.run(() -> {
            var items = fromPublisher(manual, 1);
            var first = createTask(() -> items.anext().await());
            sleep(Duration.ZERO).await();
            sleep(Duration.ZERO).await();
            first.cancel(false);
            assertThrows(CancelledException.class, first::await);
        });
        assertEquals(List.of("subscribed", "request 1", "cancelled"), events);
    }

    @Test
    @DisplayName("a generator can go through a publisher and back, on virtual time")
    void thereAndBack() {
        var clock = new VirtualClock(Duration.ofMinutes(10)); // Nothing is to be waited for in real time.
        clock.run(() -> {
            AsyncIterable<Integer> slow = asyncGenerator(gen -> {
                for (int i = 1; i <= 3; i++) {
                    sleep(seconds(1)).await();
                    gen.yield(i);
                }
            });
            for (int i : fromPublisher(slow.toPublisher(), 1)) {
                events.add("got " + i + " after " + clock.now().toSeconds());
                sleep(seconds(10)).await();
            }
        });
        assertEquals(List.of("got 1 after 1", "got 2 after 11", "got 3 after 21"), events);
    }

    @Test
    @DisplayName("a flow made in Kotlin reaches Java as a publisher")
    void fromKotlin() {
        VirtualTime.run(() -> {
            for (int i : fromPublisher(FlowPublisherKt.toPublisher(FlowKt.flowOf(1, 2)))) {
                events.add("flow " + i);
            }
        });
        assertEquals(List.of("flow 1", "flow 2"), events);
    }

    @Test
    @DisplayName("a flow of Kotlin's has a run for each subscriber")
    void flowIsCold() {
        VirtualTime.run(() -> {
            var publisher = FlowPublisherKt.toPublisher(FlowKt.flowOf(1));
            for (int run = 0; run < 2; run++) {
                var recorder = new Recorder<Integer>(5);
                publisher.subscribe(recorder);
                await(recorder.end);
            }
        });
        assertEquals(List.of("next 1", "complete", "next 1", "complete"), events);
    }

    @Test
    @DisplayName("a generator made in Java reaches Kotlin as a publisher")
    void toKotlin() {
        VirtualTime.run(() -> {
            @SuppressWarnings("unchecked") // Java knows no Nothing, which is what this generator is sent.
            Flow<Integer> kotlin = PublisherGeneratorKt.toAsyncGenerator(count(3).toPublisher(), 2);
            int count = awaitHere(continuation -> FlowKt.count(kotlin, continuation));
            assertEquals(3, count);
        });
        assertEquals("cleans up", events.get(events.size() - 1));
    }
}
