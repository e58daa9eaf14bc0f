// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/** Transports of tests that no loop has made. */
public final class Transports {
    private Transports() {}

    /** The facade's face of {@code source}. */
    public static Transport of(dev.simul.transports.Transport source) {
        return LoopTransport.of(source);
    }
}
