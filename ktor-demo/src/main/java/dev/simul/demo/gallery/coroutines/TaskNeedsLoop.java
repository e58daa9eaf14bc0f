// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import static dev.simul.facade.Asyncio.createTask;

final class TaskNeedsLoop {
    static void nested() {
        System.out.println("something");
    }

    static void main(String[] args) {
        try {
            createTask(() -> nested());
            System.out.println("Never printed");
        } catch (IllegalStateException e) {
            System.out.println("Refused: " + e.getClass().getSimpleName());
        }
    }
}
