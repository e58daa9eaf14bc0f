// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.facade.Future;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static java.time.Duration.ofSeconds;

final class FutureFromCallback {
    static void main(String[] args) {
        run(() -> {
            var loop = getRunningLoop();
            Future<String> future = loop.createFuture();
            loop.callLater(ofSeconds(1), () -> future.setResult("the result"));
            System.out.println("waiting");
            System.out.println(await(future));
        });
    }
}
