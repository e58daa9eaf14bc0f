// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;
import static dev.simul.demo.gallery.walkthrough.CreateTask.coro;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;

final class AsCompleted {
    static void main(String[] args) {
        run(() -> {
            var task1 = createTask(() -> coro(List.of(10, 5, 2)));
            var task2 = createTask(() -> coro(List.of(3, 2, 1)));
            System.out.println("Start: " + strftime());
            for (var task : asCompleted(List.of(task1, task2))) {
                var result = await(task);
                System.out.println("result: " + result + " completed at " + strftime());
            }
            System.out.println("End: " + strftime());
            System.out.println("Both tasks done: " + (task1.isDone() && task2.isDone()));
        });
    }
}
