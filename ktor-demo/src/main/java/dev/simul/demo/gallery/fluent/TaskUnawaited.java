// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.time;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class TaskUnawaited {
    static int oneCoro() {
        System.out.println("coro started " + time());
        await(sleep(ofSeconds(2)));
        System.out.println("coro ended " + time());
        return 10;
    }

    static void main(String[] args) {
        run(() -> {
            createTask(() -> oneCoro());
            System.out.println("task created " + time());
            // The loop runs the task, though nobody awaits it.
            await(sleep(ofSeconds(5)));
            System.out.println("main ended " + time());
        });
    }
}
