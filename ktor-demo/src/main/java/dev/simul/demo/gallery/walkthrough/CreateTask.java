// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class CreateTask {
    static List<Integer> coro(List<Integer> numbers) {
        await(sleep(ofSeconds(Collections.min(numbers))));
        var reversed = new ArrayList<>(numbers);
        Collections.reverse(reversed);
        return reversed;
    }

    static void main(String[] args) {
        var result = run(() -> {
            var task = createTask(() -> coro(List.of(3, 2, 1)));
            System.out.println("task.getClass() = " + task.getClass());
            System.out.println("task.isDone() = " + task.isDone());
            return await(task);
        });
        System.out.println("result: " + result);
    }
}
