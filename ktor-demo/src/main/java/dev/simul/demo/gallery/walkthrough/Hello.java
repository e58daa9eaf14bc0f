// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.Action;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Hello {
    static void main() {
        System.out.println("Hello...");
        await(sleep(ofSeconds(1)));
        System.out.println("World!");
    }

    static void main(String[] args) {
        Action routine = () -> main();
        System.out.println("Nothing has run yet.");
        run(routine);
    }
}
