// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import java.util.concurrent.TimeoutException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.waitFor;
import static java.time.Duration.ofSeconds;

final class WaitFor {
    static String longRunningTask() {
        return await(sleep(ofSeconds(10), "completed"));
    }

    static void main(String[] args) {
        run(() -> {
            try {
                var result = await(waitFor(() -> longRunningTask(), ofSeconds(5)), TimeoutException.class);
                System.out.println(result);
            } catch (TimeoutException e) {
                System.out.println("Task timed out!");
            }
        });
    }
}
