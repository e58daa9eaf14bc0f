// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import java.util.List;
import java.util.concurrent.CancellationException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.waitOn;
import static java.time.Duration.ofSeconds;

final class CancelAtNextAwait {
    static void job() {
        currentTask().cancel();
        System.out.println("Cancelled, and still running");
        try {
            await(sleep(ofSeconds(1)));
            System.out.println("Never printed");
        } catch (CancellationException e) {
            System.out.println("The await raised an exception");
            throw e;
        }
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> job());
            await(waitOn(List.of(task)));
            System.out.println("The task was cancelled: " + task.isCancelled());
        });
    }
}
