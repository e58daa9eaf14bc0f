// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import dev.simul.facade.AsyncIterable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Anext {
    static AsyncIterable<String> twoItems() {
        return asyncGenerator(gen -> {
            await(sleep(ofSeconds(1)));
            gen.yield("first");
            await(sleep(ofSeconds(1)));
            gen.yield("second");
        });
    }

    static void main(String[] args) {
        run(() -> {
            var items = twoItems();
            System.out.println(await(items.anext()));
            System.out.println(await(items.anext()));
            System.out.println(await(items.anext("no more")));
        });
    }
}
