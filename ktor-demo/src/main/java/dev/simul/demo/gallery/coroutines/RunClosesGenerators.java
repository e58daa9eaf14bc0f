// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.facade.AsyncIterable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class RunClosesGenerators {
    static AsyncIterable<String> lines() {
        return asyncGenerator(gen -> {
            try {
                for (int number = 1; number <= 9; number++) {
                    gen.yield("line " + number);
                }
            } finally {
                await(sleep(ofSeconds(1)));
                System.out.println("the generator is closed");
            }
        });
    }

    static void main(AsyncIterable<String> lines) {
        System.out.println(await(lines.anext()));
        System.out.println("main ends");
    }

    static void main(String[] args) {
        var lines = lines();
        run(() -> main(lines));
        System.out.println("run ends");
    }
}
