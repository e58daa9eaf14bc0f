// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import java.util.stream.Stream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class AsCompletedError {
    static int coro(int n) {
        await(sleep(ofSeconds(n)));
        if (n == 2) {
            throw new IllegalArgumentException(n + " is refused");
        }
        return n;
    }

    static void main(String[] args) {
        run(() -> {
            for (var coro : asCompleted(Stream.of(3, 2, 1).map(n -> createTask(() -> coro(n))).toList())) {
                try {
                    System.out.println(await(coro));
                } catch (IllegalArgumentException e) {
                    System.out.println(e.getMessage());
                }
            }
        });
    }
}
