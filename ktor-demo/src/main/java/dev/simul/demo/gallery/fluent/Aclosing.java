// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.AsyncIterable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Aclosing {
    static AsyncIterable<String> page(String name) {
        return asyncGenerator(gen -> {
            try {
                for (int number = 1; number <= 9; number++) {
                    await(sleep(ofSeconds(1)));
                    gen.yield("line " + number + " of " + name);
                }
            } finally {
                await(sleep(ofSeconds(1)));
                System.out.println(name + " is closed");
            }
        });
    }

    static void main(String[] args) {
        run(() -> {
            try (var lines = page("page one")) {
                for (String line : lines) {
                    System.out.println(line);
                    break;
                }
            }
            System.out.println("done with page one");

            var lines = page("page two");
            for (String line : lines) {
                System.out.println(line);
                break;
            }
            System.out.println("done with page two");
            await(lines.aclose());
        });
    }
}
