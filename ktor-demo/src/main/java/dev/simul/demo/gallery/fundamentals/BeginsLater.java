// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;

final class BeginsLater {
    static void work() {
        System.out.println("The task begins");
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> work());
            System.out.println("The task is scheduled");
            return await(task);
        });
    }
}
