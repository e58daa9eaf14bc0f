package dev.simul.demo.gallery.walkthrough;

import java.util.concurrent.Callable;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Hello {
    static Void main() {
        System.out.println("Hello...");
        await(sleep(ofSeconds(1)));
        System.out.println("World!");
        return null;
    }

    static void main(String[] args) {
        Callable<Void> routine = () -> main();
        System.out.println("Nothing has run yet.");
        run(routine);
    }
}
