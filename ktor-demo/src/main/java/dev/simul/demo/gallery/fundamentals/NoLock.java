// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ZERO;

final class NoLock {
    static class Counter {
        int count;
    }

    static void increment(Counter counter) {
        for (int i = 0; i < 10; i++) {
            counter.count += 1;
            await(sleep(ZERO));
        }
    }

    static void incrementAcrossAwait(Counter counter) {
        for (int i = 0; i < 10; i++) {
            int count = counter.count;
            await(sleep(ZERO));
            counter.count = count + 1;
        }
    }

    static void main(String[] args) {
        run(() -> {
            var safe = new Counter();
            await(gather(IntStream.range(0, 100).mapToObj(i -> createTask(() -> increment(safe))).toList()));
            System.out.println("counted between awaits: " + safe.count);
            var unsafe = new Counter();
            await(gather(IntStream.range(0, 100).mapToObj(i -> createTask(() -> incrementAcrossAwait(unsafe))).toList()));
            System.out.println("counted across awaits: " + unsafe.count);
        });
    }
}
