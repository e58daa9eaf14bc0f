// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Arrays;

/** The platform threads that bodies run on. */
public final class BodyThreads {
    private BodyThreads() {}

    /** How many have begun a body that has not ended; not those that idle in their pool. */
    public static long count() {
        return Thread.getAllStackTraces().values().stream()
                .filter(frames -> Arrays.stream(frames).anyMatch(it -> it.getClassName().equals("dev.simul.bodies.Body")))
                .count();
    }
}
