// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.SystemExit;
import dev.simul.facade.Action;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Process;
import dev.simul.facade.Queue;
import dev.simul.queues.QueueShutDown;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The blocks of Java in the guide to shutting down; {@link ShutdownSamplesTest} runs them, {@link DocsTest} compares. */
final class ShutdownSamples {
    private ShutdownSamples() {}

    static void leftBehind() {
        runLoop(() -> {
            createTask(() -> {
                try {
                    await(sleep(ofHours(1)));
                } finally {
                    System.out.println("the task is cancelled, and may clean up");
                }
            });
            AsyncIterable<Integer> numbers = asyncGenerator(gen -> {
                try {
                    gen.yield(1);
                    gen.yield(2);
                } finally {
                    System.out.println("the generator is closed");
                }
            });
            numbers.iterator().next();
            getRunningLoop().addCloseCallback(() -> System.out.println("the loop is closed"));
            await(sleep(ofMillis(10)));
            System.out.println("main is done");
        });
        System.out.println("run is done");
    }

    static void untilTold(Action work) throws Exception {
        var main = currentTask();
        getRunningLoop().addSignalHandler("TERM", () -> main.cancel("SIGTERM"));
        try {
            work.run();
        } catch (CancellationException e) {
            throw new SystemExit(143);
        }
    }

    static void finish(Queue<?> jobs, Duration limit) {
        jobs.shutdown();    // No new jobs are accepted.
        try {
            await(timeout(limit, () -> await(jobs.join())), TimeoutException.class);
        } catch (TimeoutException e) {
            System.out.println("dropping " + jobs.qsize() + " jobs");
            jobs.shutdown(true);
        }
    }

    static void drained() {
        var jobs = new Queue<Integer>();
        for (int job = 0; job < 5; job++) {
            jobs.putNowait(job);
        }
        await(taskGroup(group -> {
            group.createTask(() -> {
                try {
                    while (true) {
                        int job = await(jobs.get());
                        await(sleep(ofSeconds(1)));
                        System.out.println("job " + job + " is done");
                        jobs.taskDone();
                    }
                } catch (QueueShutDown e) {
                    System.out.println("the worker goes home");
                    return null;
                }
            });
            finish(jobs, ofMillis(2500));
            return null;
        }));
    }

    static int stop(Process child, Duration grace) throws IOException {
        if (child.returncode() == null) {
            child.terminate();
        }
        try {
            return await(timeout(grace, () -> await(child.waitFor())), TimeoutException.class);
        } catch (TimeoutException e) {
            child.killTree();
            return await(child.waitFor());
        }
    }
}
