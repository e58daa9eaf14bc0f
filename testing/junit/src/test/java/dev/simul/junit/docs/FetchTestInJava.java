// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs;

import dev.simul.junit.AsyncTest;
import java.time.Duration;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;

class FetchTestInJava {
    private String fetch(String name) {
        await(sleep(Duration.ofSeconds(1)));
        return name + ".html";
    }

    @AsyncTest
    void twoPagesAreFetched() {
        var first = createTask(() -> fetch("first"));
        var second = createTask(() -> fetch("second"));
        assertEquals("first.html second.html", await(first) + " " + await(second));
    }
}
