package dev.simul.facade;

import dev.simul.bodies.Bodies;
import dev.simul.testing.RunTestKt;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Runs bodies on virtual time. */
final class VirtualTime {
    private VirtualTime() {}

    static <T> T run(Callable<T> main) {
        return RunTestKt.runTest(null, continuation -> Bodies.bodyOf(main).await(continuation));
    }

    static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
