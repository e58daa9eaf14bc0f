// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Future;
import java.time.Duration;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;

/** The README's Java; {@link DocsTest} compares it with this file, and runs it. */
final class ReadmeSamples {
    private ReadmeSamples() {}

    static String count() {
        System.out.println("One");
        await(sleep(Duration.ofSeconds(1)));
        System.out.println("Two");
        return "done";
    }

    public static void main(String[] args) {
        System.out.println(runLoop(() -> await(gather(
                createTask(() -> count()), createTask(() -> count()), createTask(() -> count())))));
    }

    static void background() throws Exception {
        try (var loop = open()) {
            Future<String> one = loop.submit(() -> count());
            Future<String> other = loop.submit(() -> count());
            System.out.println(one.get() + " " + other.get());
        }
    }
}
