// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;
import static dev.simul.demo.gallery.walkthrough.CreateTask.coro;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;

final class Gather {
    static void main(String[] args) {
        var result = run(() -> {
            var task1 = createTask(() -> coro(List.of(10, 5, 2)));
            var task2 = createTask(() -> coro(List.of(3, 2, 1)));
            System.out.println("Start: " + strftime());
            var results = await(gather(task1, task2));
            System.out.println("End: " + strftime());
            System.out.println("Both tasks done: " + (task1.isDone() && task2.isDone()));
            return results;
        });
        System.out.println("result: " + result);
    }
}
