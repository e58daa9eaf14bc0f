// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * A [Queue] that returns the least item first. The order of equal items is undefined.
 *
 * Putting an item that cannot be compared with the others throws a [ClassCastException].
 *
 * Source: `asyncio.PriorityQueue(maxsize=0)`.
 *
 * @param maxsize the maximum number of items; 0 or less means no limit.
 * @param order compares items; if null, the items must be [Comparable].
 * @param name shown by reports of the tasks that wait for it.
 */
public class PriorityQueue<T : Any>
    @JvmOverloads
    constructor(
        maxsize: Int = 0,
        order: Comparator<in T>? = null,
        name: String? = null,
    ) : Queue<T>(maxsize, ItemHeap(order), name)
