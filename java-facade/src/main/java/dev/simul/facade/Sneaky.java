// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/** Throws checked exceptions where none are declared. */
final class Sneaky {
    private Sneaky() {}

    /** Never returns; the type is for the caller's {@code throw}. */
    static RuntimeException rethrow(Throwable thrown) {
        return Sneaky.<RuntimeException>unchecked(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
