// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.CancelOptions;
import dev.simul.facade.Lock;
import dev.simul.facade.Queue;
import dev.simul.facade.Task;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.every;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.waitOn;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The blocks of Java in the guide to cancellation; {@link CancellationSamplesTest} runs them, {@link DocsTest} compares. */
final class CancellationSamples {
    private CancellationSamples() {}

    static void onlyOnce() {
        var task = createTask(() -> {
            try {
                await(sleep(ofHours(1)));
            } catch (CancellationException e) {
                System.out.println("asked to stop: " + e.getMessage());
                await(sleep(ofSeconds(1)));     // Works: the request has been delivered.
                System.out.println("tidied up");
                throw e;
            }
        });
        await(sleep(ofSeconds(1)));
        System.out.println("requested: " + task.cancel("closing time") + ", done: " + task.done());
        try {
            await(task);
        } catch (CancellationException e) {
            System.out.println("cancelled: " + task.cancelled());
        }
    }

    record Connection(String name) implements AutoCloseable {
        @Override
        public void close() {
            await(sleep(ofSeconds(1)));
            System.out.println(name + " is closed");
        }
    }

    static void closing() {
        var task = createTask(() -> {
            try (var database = new Connection("database");
                    var mail = new Connection("mail server")) {
                await(sleep(ofHours(1)));
            }
        });
        await(sleep(ofSeconds(1)));
        task.cancel();
        await(gatherResults(task));     // Waits until it has ended, and throws nothing.
    }

    /** Runs a body to its end, even if the calling task is cancelled meanwhile; then throws the cancellation. */
    static <T> T uninterrupted(Callable<T> body) {
        var work = createTask(body);
        CancellationException cancellation = null;
        while (!work.done()) {
            try {
                await(waitOn(List.of(work)));       // Cancelling this wait does not cancel what it waits for.
            } catch (CancellationException e) {
                cancellation = e;
            }
        }
        if (cancellation != null) {
            throw cancellation;
        }
        return work.result();
    }

    static void cancelledTwice() {
        var task = createTask(() -> {
            try {
                await(sleep(ofHours(1)));
            } finally {
                uninterrupted(() -> {
                    await(sleep(ofSeconds(1)));
                    System.out.println("saved");
                    return null;
                });
            }
        });
        for (int i = 0; i < 2; i++) {
            await(sleep(ofMillis(10)));
            task.cancel();
        }
        await(gatherResults(task));
    }

    static void caughtByAccident() {
        var task = createTask(() -> {
            for (int round = 0; round < 3; round++) {
                try {
                    await(sleep(ofSeconds(1)));
                    System.out.println("round " + round);
                } catch (Exception e) {
                    System.out.println("failed: " + e.getMessage());
                }
            }
            return "three rounds";
        });
        await(sleep(ofMillis(500)));
        task.cancel("stop");
        System.out.println(await(task));
    }

    static void outliveFailures(Callable<Void> work) {
        while (true) {
            try {
                work.call();
            } catch (CancellationException e) {
                throw e;
            } catch (Exception e) {
                System.out.println("failed: " + e.getMessage());
            }
        }
    }

    static void refuse() {
        var task = createTask(() -> {
            try {
                await(timeout(ofHours(1), () -> {
                    try {
                        await(sleep(ofHours(2)));
                    } catch (CancellationException e) {
                        currentTask().uncancel();
                        System.out.println("not now");
                    }
                    await(sleep(ofHours(2)));
                }), TimeoutException.class);
            } catch (TimeoutException e) {
                System.out.println("the hour is over");
            }
        });
        await(sleep(ofSeconds(1)));
        task.cancel();
        await(task);
    }

    static void shared() {
        var download = createTask(() -> {
            await(sleep(ofSeconds(2)));
            return "the page";
        });
        var impatient = createTask(() -> await(shield(download)));
        var patient = createTask(() -> await(shield(download)));
        await(sleep(ofSeconds(1)));
        impatient.cancel();
        System.out.println(await(patient));
    }

    static void untilSilence(Queue<String> messages) {
        var loop = getRunningLoop();
        try {
            await(timeout(ofSeconds(10), limit -> {
                while (true) {
                    System.out.println(await(messages.get()));
                    limit.reschedule(loop.time().plusSeconds(10));
                }
            }), TimeoutException.class);
        } catch (TimeoutException e) {
            System.out.println("silence");
        }
    }

    static void talk() {
        var messages = new Queue<String>();
        var listener = createTask(() -> untilSilence(messages));
        for (var message : List.of("hello", "are you there?")) {
            await(sleep(ofSeconds(8)));
            await(messages.put(message));
        }
        await(listener);
    }

    static void heartbeats() {
        await(taskGroup(group -> {
            var heartbeat = group.createTask(() -> await(every(ofSeconds(1), () -> System.out.println("beat"))));
            await(sleep(ofMillis(2500)));
            System.out.println("the work is done");
            return heartbeat.cancel();
        }));
    }

    static String resultOf(Task<String> other) {
        try {
            return await(other);
        } catch (CancellationException e) {
            if (currentTask().cancelling() > 0) {
                throw e;
            }
            return "the other task was cancelled";
        }
    }

    static void update(Lock lock) {
        await(lock.acquire());
        await(sleep(ofSeconds(1)));
        lock.release();     // Better: try (var held = lock.hold()) { await(sleep(ofSeconds(1))); }
    }

    static void unsafe() {
        try {
            checkCancelSafe(new CancelOptions(), () -> new Lock(), lock -> {}, lock -> {
                update(lock);
                return null;
            });
        } catch (AssertionError e) {
            System.out.println(e.getMessage().lines().findFirst().get());
        }
    }
}
