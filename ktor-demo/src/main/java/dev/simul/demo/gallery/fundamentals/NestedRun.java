// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals;

import static dev.simul.demo.gallery.Stage.run;

final class NestedRun {
    static void work() {
        System.out.println("Running");
    }

    static void foo() {
        run(() -> work());
    }

    static void main(String[] args) {
        foo();
        run(() -> {
            try {
                foo();
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        });
    }
}
