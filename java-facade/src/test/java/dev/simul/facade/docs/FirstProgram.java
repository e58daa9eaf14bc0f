// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.time.Duration;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;

public class FirstProgram {
    static String fetch(String name) {
        await(sleep(Duration.ofSeconds(1)));
        return name + ".html";
    }

    public static void main(String[] args) {
        runLoop(() -> {
            var first = createTask(() -> fetch("first"));
            var second = createTask(() -> fetch("second"));
            System.out.println("two tasks are waiting for their turn");
            System.out.println(await(first) + " " + await(second));
        });
    }
}
