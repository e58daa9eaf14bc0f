// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class TaskAwaited {
    static int oneCoro() {
        System.out.println("coro started");
        await(sleep(ofSeconds(2)));
        System.out.println("coro ended");
        return 10;
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> oneCoro());
            System.out.println("await task started");
            int t = await(task);
            System.out.println(t);
            System.out.println("await task ended");
        });
    }
}
