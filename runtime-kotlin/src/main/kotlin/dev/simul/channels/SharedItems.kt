// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

/**
 * The items on their way between two loops, first in, first out: one of the loops adds, the other one takes, without a lock.
 *
 * Each of the two counts what it has done in a volatile number, which the other one reads: whoever sees an item counted also sees the item.
 */
internal class SharedItems<T>(
    private val capacity: Int,
) {
    @Volatile
    private var added = 0L

    @Volatile
    private var taken = 0L

    /** Where the next item is added; only the sender's loop uses it. */
    private var last = Segment(0)

    /** Where the next item is taken; only the receiver's loop uses it. */
    private var first = last

    /** How many there are; may be called in any thread. */
    val size: Int
        get() {
            val before = taken // First: otherwise more might have been taken than were added.
            return (added - before).toInt()
        }

    val isEmpty: Boolean get() = added == taken

    val isFull: Boolean get() = added - taken >= capacity

    /** Called by the sender's loop, and only if there is room. */
    fun add(item: T) {
        val number = added
        var segment = last
        if (number == segment.end) {
            segment = Segment(number)
            last.next = segment
            last = segment
        }
        segment[number] = item
        added = number + 1
    }

    /** Called by the receiver's loop, and only if there is an item. */
    fun take(): T {
        val number = taken
        if (number == first.end) first = first.next!!
        @Suppress("UNCHECKED_CAST")
        val item = first[number] as T
        first[number] = null
        taken = number + 1
        return item
    }

    /** The receiver takes none of them any longer. Called by its loop. */
    fun dropByReceiver() {
        taken = added
        first = Segment(0)
    }

    /** The sender adds no more, since nobody would take it. Called by its loop. */
    fun dropBySender() {
        last = Segment(added)
    }

    /** The items from the number [start] on. */
    private class Segment(
        start: Long,
    ) {
        private val items = arrayOfNulls<Any?>(SIZE)
        val end = start + SIZE

        @JvmField
        var next: Segment? = null

        operator fun get(number: Long): Any? = items[(number % SIZE).toInt()]

        operator fun set(
            number: Long,
            item: Any?,
        ) {
            items[(number % SIZE).toInt()] = item
        }
    }

    private companion object {
        const val SIZE = 64
    }
}
