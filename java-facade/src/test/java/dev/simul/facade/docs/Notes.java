// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.util.ArrayList;
import java.util.List;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.every;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The cookbook's program that Ctrl-C ends; {@link CookbookTimesTest} runs it, {@link DocsTest} compares. */
final class Notes {
    private Notes() {}

    public static void main(String[] args) {
        runLoop(() -> {
            var notes = new ArrayList<String>();
            try {
                System.out.println("press Ctrl-C");
                await(every(ofSeconds(1), () -> notes.add("still here")));
            } finally {
                await(timeout(ofSeconds(5), () -> save(notes)));
            }
        });
    }

    static void save(List<String> notes) {
        await(sleep(ofMillis(100))); // Stands for a slow disk.
        System.out.println("saved " + notes.size() + " notes");
    }
}
