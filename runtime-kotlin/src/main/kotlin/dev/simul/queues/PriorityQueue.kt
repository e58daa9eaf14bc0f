// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * A [Queue] that gives the least item first. The order of equal items is not defined.
 *
 * An item that cannot be compared with the others is refused with a [ClassCastException] when it is put.
 *
 * Source: `asyncio.PriorityQueue(maxsize=0)`.
 *
 * @param maxsize how many items there is place for; 0 or less means no limit.
 * @param order what is less; null means that the items, being [Comparable], say so themselves.
 */
public class PriorityQueue<T : Any>
    @JvmOverloads
    constructor(
        maxsize: Int = 0,
        order: Comparator<in T>? = null,
    ) : Queue<T>(maxsize, ItemHeap(order))
