// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Operate {
    static int operate(int time, int result) {
        System.out.println("Spending " + time + " seconds doing operations ...");
        await(sleep(ofSeconds(time)));
        System.out.println("Operations done after " + time + " seconds!");
        return result;
    }

    static void main(String[] args) {
        run(() -> {
            var results = await(gather(() -> operate(5, 42), () -> operate(2, 23)));
            int x = results.get(0);
            int y = results.get(1);
            System.out.println("Got x=" + x + ", y=" + y);
            assert x == 42;
            assert y == 23;
        });
    }
}
