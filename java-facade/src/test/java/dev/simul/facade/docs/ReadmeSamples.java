// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Future;

import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.docs.Count.count;

/** The README's Java but for its first program; {@link DocsTest} compares it with this file, and runs it. */
final class ReadmeSamples {
    private ReadmeSamples() {}

    static void background() throws Exception {
        try (var loop = open()) {
            Future<String> one = loop.submit(() -> count());
            Future<String> other = loop.submit(() -> count());
            System.out.println(one.get() + " " + other.get());
        }
    }
}
