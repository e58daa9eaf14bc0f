// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.Future;
import java.util.stream.Stream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Thousands {
    static void main(String[] args) {
        run(() -> {
            double start = perfCounter();
            Stream<Future<Void>> calls = Stream.generate(() -> sleep(ofSeconds(1)));
            var tasks = calls.limit(10_000).toList();
            await(gather(tasks));
            double elapsed = perfCounter() - start;
            System.out.printf("%d tasks slept for a second each, in %.2f seconds.%n", tasks.size(), elapsed);
        });
    }
}
