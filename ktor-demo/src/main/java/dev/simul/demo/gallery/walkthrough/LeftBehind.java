// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import java.util.concurrent.CancellationException;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class LeftBehind {
    static void coro(String name, int delay) {
        try {
            await(sleep(ofSeconds(delay)));
            System.out.println(name + ": done");
        } catch (CancellationException e) {
            System.out.println(name + ": cancelled");
            throw e;
        }
    }

    static void main(String[] args) {
        run(() -> {
            createTask(() -> coro("left behind", 2));
            var task = createTask(() -> coro("awaited", 1));
            await(task);
            System.out.println("main: done");
        });
    }
}
