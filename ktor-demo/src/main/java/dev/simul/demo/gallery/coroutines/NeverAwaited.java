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
            Callable<Void> coroutine = () -> nested(); // what nested() is in Python, as long as nobody calls it
            System.out.println("finished at " + strftime());

            return nested();
        });
    }
}
