// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater

/** The callbacks that other threads hand to the loop: any thread may [add], only the loop takes, in the order of adding. */
internal class Inbox {
    /** A place for [callback], made beforehand by callers that must not fail when they hand it in. */
    class Place(
        val callback: Callback,
    ) {
        @JvmField
        var next: Place? = null

        /** Whether it was added; read only by the thread that adds it. */
        @JvmField
        var isAdded = false
    }

    @Volatile
    private var newest: Place? = null

    /** The places taken but not yet in the ready queue, the oldest first; null unless an error struck in between. */
    private var taken: Place? = null

    /** Signals that [taken] is not empty. */
    private val reminder = Place { }

    fun isEmpty(): Boolean = newest == null

    fun add(callback: Callback) = add(Place(callback))

    fun add(place: Place) {
        do {
            place.next = newest
        } while (!newestOf.compareAndSet(this, place.next, place))
        place.isAdded = true
    }

    fun drainTo(ready: ReadyQueue) {
        takeAll()
        try {
            while (true) {
                val place = taken ?: return
                ready.add(place.callback)
                taken = place.next
            }
        } finally {
            if (taken != null) add(reminder)
        }
    }

    /** Adds all to [other], in their order. */
    fun moveTo(other: Inbox) {
        takeAll()
        while (true) {
            val place = taken ?: return
            taken = place.next
            other.add(place)
        }
    }

    /** Reverses the new places, and appends them to those that the ready queue had no memory for. */
    private fun takeAll() {
        var place = newestOf.getAndSet(this, null) ?: return
        var oldestFirst: Place? = null
        while (true) {
            val next = place.next
            if (place !== reminder) {
                place.next = oldestFirst
                oldestFirst = place
            }
            place = next ?: break
        }
        val first = taken
        if (first == null) {
            taken = oldestFirst
        } else {
            var last: Place = first
            while (true) last = last.next ?: break
            last.next = oldestFirst
        }
    }

    private companion object {
        val newestOf: AtomicReferenceFieldUpdater<Inbox, Place?> =
            AtomicReferenceFieldUpdater.newUpdater(Inbox::class.java, Place::class.java, "newest")
    }
}
