// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A {@link Semaphore} that refuses more releases than acquisitions.
 *
 * <p>Source: {@code asyncio.BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {
    /** A semaphore with one permit, and never more than that. Source: {@code asyncio.BoundedSemaphore()}. */
    public BoundedSemaphore() {
        this(1);
    }

    /**
     * A semaphore with {@code value} permits, and never more. Source: {@code asyncio.BoundedSemaphore(value)}.
     *
     * @throws IllegalArgumentException if {@code value} is negative
     */
    public BoundedSemaphore(int value) {
        super(new dev.simul.sync.BoundedSemaphore(value));
    }

    /**
     * As {@link #BoundedSemaphore(int)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent.
     */
    public BoundedSemaphore(int value, String name) {
        super(new dev.simul.sync.BoundedSemaphore(value, name));
    }

    /**
     * Releases a permit: to the first waiting task, if there is one. Source: {@code BoundedSemaphore.release()}.
     *
     * @throws IllegalArgumentException if no permit is held
     */
    @Override
    public void release() {
        super.release();
    }
}
