package dev.simul.demo.gallery.coroutines;

import java.util.concurrent.Callable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.strftime;

final class NeverAwaited {
    static Void nested() {
        System.out.println("something");
        return null;
    }

    static void main(String[] args) {
        run(true, () -> {
            // A call that waits to be called: nested() in Python.
            Callable<Void> coroutine = () -> nested();
            System.out.println("finished at " + strftime());

            return nested();
        });
    }
}
