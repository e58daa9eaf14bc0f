// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import dev.simul.facade.Task;
import java.util.concurrent.CancellationException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class DoneCallback {
    static void bgTask() {
        System.out.println(strftime() + ": In the background");
        throw new RuntimeException("Ouch");
    }

    static void doneCallback(Task<Void> task) {
        try {
            var e = task.exception();
            if (e != null) {
                System.out.println(strftime() + ": Task <" + task.getName() + "> raised an error: " + e.getMessage());
            } else {
                System.out.println(strftime() + ": Task <" + task.getName() + "> finished successfully");
            }
        } catch (CancellationException e) {
            System.out.println(strftime() + ": Task <" + task.getName() + "> was cancelled!");
        }
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask("bg_task", () -> bgTask());
            task.addDoneCallback(() -> doneCallback(task));
            System.out.println(strftime() + ": Now we sleep and let bg_task do its thing");
            await(sleep(ofSeconds(2)));
            System.out.println(strftime() + ": I'm awake!");
        });
    }
}
