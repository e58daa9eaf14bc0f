// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Runs bodies on virtual time. */
final class VirtualTime {
    private VirtualTime() {}

    static <T> T run(Callable<T> main) {
        return VirtualClock.runTest(main);
    }

    static void run(Action main) {
        VirtualClock.runTest(main);
    }

    static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
