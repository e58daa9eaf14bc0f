// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Time;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static java.time.Duration.ofSeconds;

final class CountBlocking {
    static void count() {
        System.out.println("One");
        Time.sleep(ofSeconds(1));
        System.out.println("Two");
        Time.sleep(ofSeconds(1));
    }

    static void main(String[] args) {
        double start = perfCounter();
        run(() -> await(gather(CountBlocking::count, CountBlocking::count, CountBlocking::count)));
        double elapsed = perfCounter() - start;
        System.out.printf("count-blocking executed in %.2f seconds.%n", elapsed);
    }
}
