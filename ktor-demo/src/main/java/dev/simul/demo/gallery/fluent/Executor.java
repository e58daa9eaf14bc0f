// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static java.time.Duration.ZERO;

final class Executor {
    static String saveFlag(String image, String filename) {
        return image + " is in " + filename;
    }

    static long countPrimes(int limit) {
        return IntStream.rangeClosed(2, limit).filter(n -> IntStream.rangeClosed(2, n / 2).noneMatch(i -> n % i == 0)).count();
    }

    static void main(String[] args) {
        run(() -> {
            System.out.println(await(toThread(() -> saveFlag("the flag", "fr.gif"))));

            var loop = getRunningLoop();
            System.out.println(await(loop.runInExecutor(null, () -> saveFlag("the flag", "br.gif"))));

            var executor = Executors.newFixedThreadPool(2);
            try {
                var turns = new int[1];
                var ticker = createTask(() -> {
                    while (true) {
                        turns[0]++;
                        await(sleep(ZERO));
                    }
                });
                System.out.println(await(loop.runInExecutor(executor, () -> countPrimes(10_000))) + " primes below 10,000");
                System.out.println(turns[0] > 0 ? "the loop has gone on meanwhile" : "the loop has stopped meanwhile");
                ticker.cancel("the primes are counted");
            } finally {
                executor.shutdown();
            }
        });
    }
}
