// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale;

import dev.simul.exceptions.CancelledException;
import dev.simul.facade.Future;
import dev.simul.facade.ThreadOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Asyncio.wrapFuture;
import static java.time.Duration.ZERO;

final class CpuWork {
    static boolean isPrime(int number) {
        return number > 1 && IntStream.rangeClosed(2, number / 2).noneMatch(i -> number % i == 0);
    }

    /** A computation without an end, which looks now and then whether it was told to stop. */
    static void search(CompletableFuture<Void> begun, CompletableFuture<Void> stopped) {
        begun.complete(null);
        while (!Thread.interrupted()) {
            isPrime(9_973);
        }
        stopped.complete(null);
    }

    static void main(String[] args) {
        run(() -> {
            var loop = getRunningLoop();
            var pool = new ForkJoinPool(2);
            loop.setDefaultExecutor(pool); // Which the loop shuts down when it closes.

            var turns = new int[1];
            var ticker = createTask(() -> {
                while (true) {
                    turns[0]++;
                    await(sleep(ZERO));
                }
            });
            List<Future<Long>> batches = new ArrayList<>();
            for (int first = 1; first < 10_000; first += 1_000) {
                var batch = IntStream.range(first, first + 1_000);
                batches.add(loop.runInExecutor(pool, () -> batch.filter(CpuWork::isPrime).count()));
            }
            List<Long> counts = await(gather(batches));
            ticker.cancel();
            System.out.println(counts + ": " + counts.stream().mapToLong(count -> count).sum() + " primes below 10,000");
            System.out.println(turns[0] > 0 ? "the loop has gone on meanwhile" : "the loop has stopped meanwhile");

            var begun = new CompletableFuture<Void>();
            var stopped = new CompletableFuture<Void>();
            var options = new ThreadOptions().interruptOnCancel(true);
            var search = createTask(() -> await(toThread(options, () -> search(begun, stopped))));
            await(wrapFuture(begun));
            search.cancel();
            try {
                await(search);
            } catch (CancelledException e) {
                System.out.println("nobody waits for the search");
            }
            await(wrapFuture(stopped));
            System.out.println("and it has stopped");
        });
    }
}
