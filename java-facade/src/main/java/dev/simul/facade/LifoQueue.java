// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that returns the most recent item first.
 *
 * <p>Source: {@code asyncio.LifoQueue}.
 */
public final class LifoQueue<T extends @Nullable Object> extends Queue<T> {
    /** An unbounded queue. Source: {@code asyncio.LifoQueue()}. */
    public LifoQueue() {
        this(0);
    }

    /** A queue of up to {@code maxsize} items; 0 or less means no limit. Source: {@code asyncio.LifoQueue(maxsize)}. */
    public LifoQueue(int maxsize) {
        super(new dev.simul.queues.LifoQueue<>(maxsize));
    }

    /** As {@link #LifoQueue(int)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent. */
    public LifoQueue(int maxsize, String name) {
        super(new dev.simul.queues.LifoQueue<>(maxsize, name));
    }
}
