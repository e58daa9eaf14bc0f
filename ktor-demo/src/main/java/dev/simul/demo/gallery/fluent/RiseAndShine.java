// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class RiseAndShine {
    static void main(String[] args) {
        System.out.println(run(() -> await(sleep(ofSeconds(2), "rise and shine"))));
    }
}
