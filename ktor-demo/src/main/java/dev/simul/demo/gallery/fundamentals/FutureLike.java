// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import java.util.concurrent.CompletableFuture;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static java.time.Duration.ofSeconds;

final class FutureLike {
    static class Later extends CompletableFuture<Integer> {
        Later(int result) {
            getRunningLoop().callLater(ofSeconds(1), () -> complete(result));
        }
    }

    static void main(String[] args) {
        run(() -> {
            System.out.println("Got " + await(new Later(42)));
        });
    }
}
