// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.List;
import java.util.stream.Stream;

/**
 * What gives bodies a stack of their own, from the slowest to the fastest.
 *
 * <p>A loop takes the fastest that the JVM has, unless {@link EventLoop#setCarrier}, the system property {@code simul.carrier}
 * or the environment variable {@code SIMUL_CARRIER} says otherwise. Bodies behave the same on each.
 *
 * <p>There is none in asyncio, whose coroutines need no stack.
 */
public enum Carrier {
    /** Platform threads of a pool: everywhere. */
    PLATFORM(dev.simul.bodies.Carrier.PLATFORM),

    /** Virtual threads: on JDK 21 or newer. */
    VIRTUAL(dev.simul.bodies.Carrier.VIRTUAL),

    /**
     * Virtual threads that run on the loop's own thread: on JDK 24 or newer that was started with
     * {@code --add-opens java.base/java.lang=ALL-UNNAMED}, or from an executable jar whose manifest has
     * {@code Add-Opens: java.base/java.lang}. Only a platform thread can run and close such a loop.
     */
    PUMPED(dev.simul.bodies.Carrier.PUMPED);

    final dev.simul.bodies.Carrier source;

    Carrier(dev.simul.bodies.Carrier source) {
        this.source = source;
    }

    /** Those that loops which the calling thread runs can have, the slowest first. */
    public static List<Carrier> available() {
        return Stream.of(values()).filter(carrier -> carrier.source.isAvailable()).toList();
    }

    static Carrier of(dev.simul.bodies.Carrier source) {
        return values()[source.ordinal()];
    }
}
