// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class CountAsync {
    static void count() {
        System.out.println("One");
        await(sleep(ofSeconds(1)));
        System.out.println("Two");
        await(sleep(ofSeconds(1)));
    }

    static void main(String[] args) {
        double start = perfCounter();
        run(() -> await(gather(CountAsync::count, CountAsync::count, CountAsync::count)));
        double elapsed = perfCounter() - start;
        System.out.printf("count-async executed in %.2f seconds.%n", elapsed);
    }
}
