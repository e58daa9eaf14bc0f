// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A lock or permit that is held until this is closed; returned by {@link Lock#hold} and similar methods, for
 * {@code try}-with-resources.
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
     * Releases the lock or permit.
     *
     * @throws IllegalStateException if it has already been released otherwise, where the primitive can tell
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
