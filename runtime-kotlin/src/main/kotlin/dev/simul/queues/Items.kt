// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import java.util.PriorityQueue as Heap

/** The items of a queue, and the order in which it returns them. */
internal sealed interface Items<T> {
    val size: Int

    fun add(item: T)

    /** Removes and returns the next item; there must be one. */
    fun take(): T
}

/** First in, first out: a ring that grows. */
internal class ItemRing<T> : Items<T> {
    private val ring = ArrayDeque<T>()

    override val size: Int get() = ring.size

    override fun add(item: T) = ring.addLast(item)

    override fun take(): T = ring.removeFirst()

    override fun toString(): String = ring.toString()
}

/** Last in, first out. */
internal class ItemStack<T> : Items<T> {
    private val stack = ArrayList<T>()

    override val size: Int get() = stack.size

    override fun add(item: T) {
        stack.add(item)
    }

    override fun take(): T = stack.removeAt(stack.lastIndex)

    override fun toString(): String = stack.toString()
}

/** The least item first. */
internal class ItemHeap<T>(
    order: Comparator<in T>?,
) : Items<T> {
    private val heap = Heap(order)

    override val size: Int get() = heap.size

    override fun add(item: T) {
        heap.add(item)
    }

    override fun take(): T = heap.remove()

    override fun toString(): String = heap.toString()
}
