// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;

final class NestedTask {
    static int nested() {
        System.out.println("something");
        return 42;
    }

    static void main(String[] args) {
        run(() -> {
            var task = createTask(() -> nested());
            return await(task);
        });
    }
}
