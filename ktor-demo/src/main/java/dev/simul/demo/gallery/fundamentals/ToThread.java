// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import java.util.concurrent.LinkedBlockingQueue;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static java.time.Duration.ZERO;

final class ToThread {
    static void main(String[] args) {
        run(() -> {
            var lines = new LinkedBlockingQueue<String>();
            var blocking = toThread(() -> lines.take());
            for (int i = 0; i < 3; i++) {
                await(sleep(ZERO));
                System.out.println("The loop goes on: " + i);
            }
            lines.put("hello");
            System.out.println("The thread returned " + await(blocking));
        });
    }
}
