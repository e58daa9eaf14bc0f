// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Awaitables {
    static void main(String[] args) {
        run(() -> {
            Future<String> future = createFuture();
            getRunningLoop().callLater(ofSeconds(1), () -> future.setResult("a future"));
            var awaitables = List.of(
                    sleep(ofSeconds(1), "a coroutine"),
                    createTask(() -> await(sleep(ofSeconds(1), "a task"))),
                    future,
                    CompletableFuture.completedFuture("a CompletableFuture of the JDK"));
            for (CompletableFuture<String> awaitable : awaitables) {
                System.out.println(await(awaitable));
            }
        });
    }
}
