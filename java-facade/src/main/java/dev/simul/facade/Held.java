// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * What is held until it is closed; given by {@link Lock#hold} and similar methods, for {@code try}-with-resources.
 *
 * <p>Closing it a second time does nothing.
 */
public final class Held implements AutoCloseable {
    private final Runnable release;
    private boolean isReleased;

    Held(Runnable release) {
        this.release = release;
    }

    /**
     * Releases what is held.
     *
     * @throws IllegalStateException if somebody else has released it meanwhile, where the primitive can tell
     */
    @Override
    public void close() {
        if (isReleased) {
            return;
        }
        isReleased = true;
        release.run();
    }
}
