// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import dev.simul.facade.AsyncIterable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class AiteratorLoop {
    static AsyncIterable<Integer> aiterator() {
        return asyncGenerator(gen -> {
            for (int i = 0; i < 5; i++) {
                await(sleep(ofSeconds(i)));
                gen.yield(i);
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            for (int x : aiterator()) {
                System.out.println(x);
            }
        });
    }
}
