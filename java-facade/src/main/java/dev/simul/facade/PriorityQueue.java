// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Queue} that gives the least item first. The order of equal items is not defined.
 *
 * <p>An item that cannot be compared with the others is refused with a {@link ClassCastException} when it is put.
 *
 * <p>Source: {@code asyncio.PriorityQueue}.
 */
public final class PriorityQueue<T> extends Queue<T> {
    /** A queue without limit, of items that are {@link Comparable}. Source: {@code asyncio.PriorityQueue()}. */
    public PriorityQueue() {
        this(0, null);
    }

    /**
     * A queue with place for {@code maxsize} items that are {@link Comparable}; 0 or less means no limit.
     *
     * <p>Source: {@code asyncio.PriorityQueue(maxsize)}.
     */
    public PriorityQueue(int maxsize) {
        this(maxsize, null);
    }

    /** A queue without limit; {@code order} says which item is less. */
    public PriorityQueue(Comparator<? super T> order) {
        this(0, order);
    }

    /**
     * A queue with place for {@code maxsize} items; 0 or less means no limit.
     *
     * @param order which item is less; null if the items, being {@link Comparable}, say so themselves
     */
    public PriorityQueue(int maxsize, @Nullable Comparator<? super T> order) {
        super(new dev.simul.queues.PriorityQueue<>(maxsize, order));
    }
}
