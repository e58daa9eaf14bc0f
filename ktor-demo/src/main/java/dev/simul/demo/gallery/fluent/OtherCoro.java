// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class OtherCoro {
    static int coro(String name) {
        System.out.println(name + " started");
        await(sleep(ofSeconds(2)));
        System.out.println(name + " ended");
        return 10;
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> coro("one_coro"));
            System.out.println("task created");
            int result = coro("other_coro");
            System.out.println("other_coro returned " + result);
            System.out.println("one_coro returned " + await(task));
        });
    }
}
