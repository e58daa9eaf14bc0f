// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class SayAfterTasks {
    static void sayAfter(int delay, String what) {
        await(sleep(ofSeconds(delay)));
        System.out.println(what);
    }

    static void main(String[] args) {
        run(() -> {
            var task1 = createTask(() -> sayAfter(1, "hello"));
            var task2 = createTask(() -> sayAfter(2, "world"));
            System.out.println("started at " + strftime());
            await(task1);
            await(task2);
            System.out.println("finished at " + strftime());
        });
    }
}
