// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.ExceptionGroup;
import dev.simul.facade.Queue;
import dev.simul.facade.VirtualClock;
import dev.simul.queues.QueueShutDown;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CookbookQueuesTest {
    private static final List<String> URLS = IntStream.range(0, 100).mapToObj(Integer::toString).toList();

    @Test
    @DisplayName("a pipeline stores what it has counted, in order, and ends")
    void pipeline() {
        VirtualClock.runTest(() -> {
            var stored = new ArrayList<Integer>();
            CookbookSamplesQueues.countWords(List.of("one", "one two", "a b c"), url -> url, stored::add);
            assertEquals(List.of(1, 2, 3), stored);
        });
    }

    @Test
    @DisplayName("a stage that is slow makes those before it wait, and one that fails ends the others")
    void slowStage() {
        VirtualClock.runTest(() -> {
            var fetched = new ArrayList<String>();
            var pipeline = createTask(() -> CookbookSamplesQueues.countWords(URLS, url -> {
                fetched.add(url);
                return url;
            }, count -> await(sleep(ofHours(1)))));
            await(sleep(ofSeconds(1)));
            assertEquals(1 + 10 + 1 + 10 + 1, fetched.size());
            pipeline.cancel();
            assertThrows(CancellationException.class, () -> await(pipeline));
            var failure = assertThrows(ExceptionGroup.class, () -> CookbookSamplesQueues.countWords(URLS, url -> url, count -> {
                throw new IllegalStateException("full");
            }));
            assertEquals("full", failure.exceptions().get(0).getMessage());
            assertEquals(1, failure.exceptions().size());
        });
    }

    @Test
    @DisplayName("workers do all jobs, also after one that fails")
    void workers() {
        VirtualClock.runTest(() -> {
            var jobs = new Queue<String>();
            for (String job : List.of("a", "bad", "b", "c")) jobs.putNowait(job);
            var pool = createTask(() -> CookbookSamplesQueues.work(jobs, 2, job -> {
                if (job.equals("bad")) throw new IllegalStateException("refused");
                await(sleep(ofSeconds(1)));
            }));
            await(jobs.join());
            assertEquals(ofSeconds(2), getRunningLoop().time());
            jobs.shutdown();
            await(pool);
        });
    }

    @Test
    @DisplayName("workers that are cancelled leave the jobs that they have not begun")
    void cancelledWorkers() {
        VirtualClock.runTest(() -> {
            var jobs = new Queue<String>();
            for (String job : List.of("a", "b", "c")) jobs.putNowait(job);
            var pool = createTask(() -> CookbookSamplesQueues.work(jobs, 2, job -> await(sleep(ofHours(1)))));
            await(sleep(ofSeconds(1)));
            pool.cancel();
            assertThrows(CancellationException.class, () -> await(pool));
            assertEquals(1, jobs.qsize());
        });
    }

    @Test
    @DisplayName("a bar tells what is done, and a copy that fails ends it")
    void progress() {
        VirtualClock.runTest(() -> {
            var shown = new ArrayList<String>();
            CookbookSamplesQueues.copyAll(
                    List.of("a", "b"), file -> await(sleep(ofSeconds(file.equals("a") ? 2 : 1))), shown::add);
            assertEquals(List.of("##########.......... 1 of 2: b", "#################### 2 of 2: a"), shown);
            assertThrows(ExceptionGroup.class, () -> CookbookSamplesQueues.copyAll(List.of("a"), file -> {
                throw new IllegalStateException("full");
            }, shown::add));
        });
    }

    @Test
    @DisplayName("each subscriber gets what is published while it listens")
    void broadcast() {
        VirtualClock.runTest(() -> {
            var broadcast = new CookbookSamplesQueues.Broadcast<Integer>(2);
            broadcast.publish(0);
            var received = new ArrayList<Integer>();
            var listener = createTask(() -> broadcast.subscribe(queue -> {
                for (int i = 0; i < 3; i++) received.add(await(queue.get()));
            }));
            await(sleep(ZERO));
            for (int message = 1; message <= 4; message++) {
                broadcast.publish(message);
                await(sleep(ofSeconds(1)));
            }
            await(listener);
            assertEquals(List.of(1, 2, 3), received);
        });
    }

    @Test
    @DisplayName("a slow subscriber is dropped, and reads what it had")
    void slowSubscriber() {
        VirtualClock.runTest(() -> {
            var broadcast = new CookbookSamplesQueues.Broadcast<Integer>(2);
            broadcast.subscribe(queue -> {
                for (int message = 1; message <= 5; message++) broadcast.publish(message);
                assertEquals(1, await(queue.get()));
                assertEquals(2, await(queue.get()));
                assertThrows(QueueShutDown.class, () -> await(queue.get()));
            });
        });
    }
}
