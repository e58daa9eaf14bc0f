// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class OperateTasks {
    static int operate(int time, int result) {
        System.out.println(strftime() + ": Spending " + time + " seconds doing operations ...");
        await(sleep(ofSeconds(time)));
        System.out.println(strftime() + ": Operations done after " + time + " seconds!");
        return result;
    }

    static void main(String[] args) {
        run(() -> {
            var task1 = createTask(() -> operate(5, 42));
            var task2 = createTask(() -> operate(2, 23));
            int r1 = await(task1);
            System.out.println(strftime() + ": task1 returned " + r1);
            int r2 = await(task2);
            System.out.println(strftime() + ": task2 returned " + r2);
        });
    }
}
