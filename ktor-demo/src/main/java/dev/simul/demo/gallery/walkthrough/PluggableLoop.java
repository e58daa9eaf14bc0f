// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.VirtualClock;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofHours;

final class PluggableLoop {
    static void main() {
        System.out.println("Hello...");
        await(sleep(ofHours(1)));
        System.out.println("World!");
    }

    static void main(String[] args) {
        var clock = new VirtualClock();
        run(null, () -> clock.newLoop(), () -> main());
        System.out.println("It took " + clock.now().toHours() + " hour.");
    }
}
