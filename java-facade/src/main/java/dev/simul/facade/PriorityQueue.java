// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that returns the smallest item first. The order of equal items is not defined.
 *
 * <p>Putting an item that cannot be compared with the others throws a {@link ClassCastException}.
 *
 * <p>Source: {@code asyncio.PriorityQueue}.
 */
public final class PriorityQueue<T> extends Queue<T> {
    /** An unbounded queue of {@link Comparable} items. Source: {@code asyncio.PriorityQueue()}. */
    public PriorityQueue() {
        this(0, null);
    }

    /**
     * A queue of up to {@code maxsize} {@link Comparable} items; 0 or less means no limit.
     *
     * <p>Source: {@code asyncio.PriorityQueue(maxsize)}.
     */
    public PriorityQueue(int maxsize) {
        this(maxsize, null);
    }

    /** An unbounded queue, ordered by {@code order}. */
    public PriorityQueue(Comparator<? super T> order) {
        this(0, order);
    }

    /**
     * A queue of up to {@code maxsize} items; 0 or less means no limit.
     *
     * @param order the order of the items; null for that of {@link Comparable} items
     */
    public PriorityQueue(int maxsize, @Nullable Comparator<? super T> order) {
        super(new dev.simul.queues.PriorityQueue<>(maxsize, order));
    }

    /**
     * As {@link #PriorityQueue(int, Comparator)}, with a name, which reports of the tasks that wait for it show. asyncio has no equivalent.
     */
    public PriorityQueue(int maxsize, @Nullable Comparator<? super T> order, String name) {
        super(new dev.simul.queues.PriorityQueue<>(maxsize, order, name));
    }
}
