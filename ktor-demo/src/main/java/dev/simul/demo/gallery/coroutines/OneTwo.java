// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class OneTwo {
    static void count() {
        System.out.println("One");
        await(sleep(ofSeconds(1)));
        System.out.println("Two");
    }

    static void main(String[] args) {
        run(() -> await(gather(() -> count(), () -> count(), () -> count())));
    }
}
