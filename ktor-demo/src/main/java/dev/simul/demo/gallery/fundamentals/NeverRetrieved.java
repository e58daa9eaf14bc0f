// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class NeverRetrieved {
    static void bgTask() {
        System.out.println("In the background");
        throw new RuntimeException("Ouch");
    }

    static void main(String[] args) {
        run(() -> {
            createTask("bg_task", () -> bgTask());
            System.out.println("Now we sleep and let bg_task do its thing");
            await(sleep(ofSeconds(2)));
            System.out.println("I'm awake!");
        });
    }
}
