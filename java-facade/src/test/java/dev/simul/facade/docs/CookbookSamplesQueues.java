// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Queue;
import dev.simul.queues.QueueShutDown;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.taskGroup;

/** The cookbook's blocks about queues; {@link CookbookQueuesTest} runs them, {@link DocsTest} compares. */
final class CookbookSamplesQueues {
    private CookbookSamplesQueues() {}

    static void countWords(List<String> urls, Function<String, String> fetch, Consumer<Integer> store) {
        var pages = new Queue<String>(10);
        var counts = new Queue<Integer>(10);
        await(taskGroup(group -> {
            group.createTask(() -> {
                for (String url : urls) {
                    await(pages.put(fetch.apply(url)));
                }
                pages.shutdown();
            });
            group.createTask(() -> {
                consume(pages, page -> await(counts.put(page.split(" ").length)));
                counts.shutdown();
            });
            group.createTask(() -> consume(counts, store));
            return null;
        }));
    }

    /** Calls an action with each item, until the queue has been shut down and is empty. */
    static <T> void consume(Queue<T> queue, Consumer<T> action) {
        while (true) {
            T item;
            try {
                item = await(queue.get());
            } catch (QueueShutDown e) {
                return;
            }
            action.accept(item);
        }
    }

    static void work(Queue<String> jobs, int workers, Consumer<String> handle) {
        await(taskGroup(group -> {
            for (int worker = 0; worker < workers; worker++) {
                group.createTask("worker " + worker, () -> consume(jobs, job -> {
                    try {
                        handle.accept(job);
                    } catch (CancellationException e) {
                        throw e;
                    } catch (Exception e) {
                        System.out.println(job + " failed: " + e.getMessage());
                    } finally {
                        jobs.taskDone();
                    }
                }));
            }
            return null;
        }));
    }

    static void copyAll(List<String> files, Consumer<String> copy, Consumer<String> show) {
        var copied = new Queue<String>();
        await(taskGroup(group -> {
            for (String file : files) {
                group.createTask(() -> {
                    copy.accept(file);
                    copied.putNowait(file);
                });
            }
            for (int done = 1; done <= files.size(); done++) {
                String file = await(copied.get());
                int width = 20 * done / files.size();
                show.accept("#".repeat(width) + ".".repeat(20 - width) + " " + done + " of " + files.size() + ": " + file);
            }
            return null;
        }));
    }

    static final class Broadcast<T> {
        private final int backlog;
        private final Set<Queue<T>> subscribers = new LinkedHashSet<>();

        Broadcast(int backlog) {
            this.backlog = backlog;
        }

        /** Gives the message to all subscribers, without waiting; one whose queue is full is dropped. */
        void publish(T message) {
            for (Queue<T> queue : List.copyOf(subscribers)) {
                if (queue.full()) {
                    subscribers.remove(queue);
                    queue.shutdown();
                } else {
                    queue.putNowait(message);
                }
            }
        }

        /** Runs a block with a queue of the messages that are published meanwhile. */
        void subscribe(Consumer<Queue<T>> block) {
            var queue = new Queue<T>(backlog);
            subscribers.add(queue);
            try {
                block.accept(queue);
            } finally {
                subscribers.remove(queue);
            }
        }
    }
}
