// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class ReturnExceptions {
    static void mayFail() {
        throw new IllegalArgumentException("Something went wrong");
    }

    static void main(String[] args) {
        run(() -> {
            try {
                mayFail();
            } catch (IllegalArgumentException e) {
                System.out.println("Caught error: " + e.getMessage());
            }

            var results = await(gatherResults(createTask(() -> mayFail()), sleep(ofSeconds(1))));
            for (var result : results) {
                if (result.exception() != null) {
                    System.out.println("Task failed: " + result.exception().getMessage());
                }
            }
        });
    }
}
