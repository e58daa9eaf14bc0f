// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.Semaphore;
import dev.simul.facade.ThreadOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static java.time.Duration.ofMillis;

/** The blocks of the guide for those who come from virtual threads; MirrorsTest runs them, the facade's DocsTest compares. */
final class FromVirtualThreadsSamples {
    private FromVirtualThreadsSamples() {}

    static class Counter {
        private int value;      // Needs no lock: only bodies of one loop use it.

        int next() {
            int next = value + 1;
            await(sleep(ofMillis(1)));
            value = next;
            return next;
        }
    }

    static void fromThreads() throws Exception {
        var threads = Executors.newCachedThreadPool();      // On JDK 21: newVirtualThreadPerTaskExecutor().
        try (var loop = open()) {
            var gate = loop.submit(() -> new Semaphore(1)).get();
            var counter = new Counter();
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(() -> loop.submit(() -> {
                    try (var held = gate.hold()) {
                        return counter.next();
                    }
                }).get());
            }
            int last = 0;
            for (var call : threads.invokeAll(calls)) {
                last = Math.max(last, call.get());
            }
            System.out.println(last);
        } finally {
            threads.shutdown();
        }
    }

    static void blocking() {
        var jobs = new LinkedBlockingQueue<String>();
        var stoppable = new ThreadOptions().interruptOnCancel(true);
        try {
            String job = await(timeout(ofMillis(50), () -> await(toThread(stoppable, jobs::take))), TimeoutException.class);
            System.out.println(job);
        } catch (TimeoutException e) {
            System.out.println("no job");
        }
    }
}
