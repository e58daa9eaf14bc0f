// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import dev.simul.demo.gallery.Time;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Blocking {
    static void badExample() {
        Time.sleep(ofSeconds(1)); // blocks the loop
    }

    static void goodExample() {
        await(sleep(ofSeconds(1)));
    }

    static void main(String[] args) {
        run(true, () -> {
            var start = perfCounter();
            await(gather(createTask("bad-1", () -> badExample()), createTask("bad-2", () -> badExample())));
            System.out.printf("Two bad examples: %.2f seconds%n", perfCounter() - start);

            start = perfCounter();
            await(gather(() -> goodExample(), () -> goodExample()));
            System.out.printf("Two good examples: %.2f seconds%n", perfCounter() - start);
        });
    }
}
