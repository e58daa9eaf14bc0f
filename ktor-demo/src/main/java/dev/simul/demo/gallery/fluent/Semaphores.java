// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent;

import dev.simul.facade.BoundedSemaphore;
import dev.simul.facade.Semaphore;
import java.util.stream.IntStream;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Semaphores {
    static void request(Semaphore semaphore, int number, double start) {
        try (var held = semaphore.hold()) {
            System.out.printf("%.0f s: request %d begins%n", perfCounter() - start, number);
            await(sleep(ofSeconds(number)));
        }
    }

    static void main(String[] args) {
        run(() -> {
            double start = perfCounter();
            var semaphore = new Semaphore(2);
            await(gather(IntStream.rangeClosed(1, 4).mapToObj(number -> createTask(() -> {
                request(semaphore, number, start);
                return number;
            })).toList()));

            semaphore.release();
            System.out.println("a Semaphore of 2 lets in " + permits(semaphore) + " now");

            var bounded = new BoundedSemaphore(2);
            try {
                bounded.release();
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
            }
            System.out.println("a BoundedSemaphore of 2 lets in " + permits(bounded) + " still");
        });
    }

    static int permits(Semaphore semaphore) {
        int permits = 0;
        while (!semaphore.locked()) {
            await(semaphore.acquire());
            permits++;
        }
        return permits;
    }
}
