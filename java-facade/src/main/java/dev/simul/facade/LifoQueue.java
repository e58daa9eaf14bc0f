// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that gives the item first that was put last.
 *
 * <p>Source: {@code asyncio.LifoQueue}.
 */
public final class LifoQueue<T extends @Nullable Object> extends Queue<T> {
    /** A queue without limit. Source: {@code asyncio.LifoQueue()}. */
    public LifoQueue() {
        this(0);
    }

    /** A queue with place for {@code maxsize} items; 0 or less means no limit. Source: {@code asyncio.LifoQueue(maxsize)}. */
    public LifoQueue(int maxsize) {
        super(new dev.simul.queues.LifoQueue<>(maxsize));
    }
}
