// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.util.concurrent.CancellationException;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The samples of docs/guide/faq.md. */
final class FaqSamples {
    private FaqSamples() {}

    static void askedOnce() {
        var task = createTask(() -> {
            try {
                await(sleep(ofHours(1)));
            } catch (CancellationException e) {
                System.out.println("asked to stop");
            }
            await(sleep(ofSeconds(1))); // This wait works: the request has been delivered.
            System.out.println("went on");
        });
        await(sleep(ofSeconds(1)));
        task.cancel();
        await(task);
    }

    static void heardAndUnheard() {
        runLoop(() -> {
            createTask(() -> {
                await(sleep(ofSeconds(1)));
                System.out.println("never printed: run has ended before");
            });
            var awaited = createTask(() -> {
                await(sleep(ofMillis(10)));
                System.out.println("printed");
            });
            await(awaited);
        });
    }
}
