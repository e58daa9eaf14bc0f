// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import java.util.concurrent.CancellationException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Cancellable {
    static void cancellableTask() {
        try {
            await(sleep(ofSeconds(10)));
        } catch (CancellationException e) {
            System.out.println("Task was cancelled");
            throw e;
        }
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> cancellableTask());
            await(sleep(ofSeconds(1)));
            task.cancel();
            try {
                await(task);
            } catch (CancellationException e) {
                System.out.println("Caught cancellation in main");
            }
        });
    }
}
