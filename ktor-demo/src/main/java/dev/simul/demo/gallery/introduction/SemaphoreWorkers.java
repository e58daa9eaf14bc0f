// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction;

import dev.simul.facade.Semaphore;
import dev.simul.facade.Task;
import java.util.List;
import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class SemaphoreWorkers {
    static void worker(Semaphore sem, int num) {
        try (var held = sem.hold()) {
            System.out.println("Worker " + num + " is running");
            await(sleep(ofSeconds(1)));
            System.out.println("Worker " + num + " is done");
        }
    }

    static void main(String[] args) {
        run(() -> {
            var sem = new Semaphore(3); // at most 3 at once
            var tasks = IntStream.range(0, 10).mapToObj(i -> createTask(() -> worker(sem, i))).toList();
            return await(gather(tasks));
        });
    }
}
