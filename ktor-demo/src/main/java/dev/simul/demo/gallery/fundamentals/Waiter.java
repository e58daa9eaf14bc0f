// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Waiter {
    static void main(String[] args) {
        run(() -> {
            System.out.println("Before sleep");
            await(sleep(ofSeconds(5)));
            System.out.println("After sleep");
        });
    }
}
