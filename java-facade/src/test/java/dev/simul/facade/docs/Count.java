// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.time.Duration;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;

public class Count {
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
}
