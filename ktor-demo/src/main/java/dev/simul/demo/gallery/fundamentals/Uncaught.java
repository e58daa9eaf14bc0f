// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import java.util.concurrent.CancellationException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Uncaught {
    static void otherTask() {
        try {
            await(sleep(ofSeconds(10)));
        } catch (CancellationException e) {
            System.out.println("The other task is cancelled");
            throw e;
        }
    }

    static void failing() {
        await(sleep(ofSeconds(1)));
        throw new RuntimeException("Ouch");
    }

    static void main(String[] args) {
        try {
            run(() -> {
                createTask(() -> otherTask());
                failing();
            });
        } catch (RuntimeException e) {
            System.out.println("run() raises: " + e.getMessage());
        }
    }
}
