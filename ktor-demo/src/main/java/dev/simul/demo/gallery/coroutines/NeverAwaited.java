// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines;

import dev.simul.facade.Action;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;

final class NeverAwaited {
    static void nested() {
        System.out.println("something");
    }

    static void main(String[] args) {
        run(true, () -> {
            // A call that waits to be called: nested() in Python.
            Action coroutine = () -> nested();
            System.out.println("finished at " + strftime());

            nested();
        });
    }
}
