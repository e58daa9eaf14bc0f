package dev.simul

import java.lang.invoke.VarHandle

/** What a [LinkedQueue] links; it is in one queue, once. */
internal interface Link<L : Link<L>> {
    var previous: L?
    var next: L?

    /** Whether it is in its queue. */
    var isLinked: Boolean
}

/**
 * A queue whose elements can leave from anywhere in constant time.
 *
 * One thread changes it. Others may [walk] it, and learn when an element was removed under their feet. No reference is stored
 * that need not be: with a concurrent collector that is what adding and removing cost. Both are inlined, since a caller has elements
 * of one class only, and so its own code is compiled for that one.
 */
@Suppress("NOTHING_TO_INLINE")
internal class LinkedQueue<L : Link<L>> {
    var first: L? = null
        private set

    private var last: L? = null

    var size: Int = 0
        private set

    fun isEmpty(): Boolean = first == null

    inline fun add(link: L) {
        link.isLinked = true
        val before = last
        if (before != null) link.previous = before
        VarHandle.releaseFence()
        if (before == null) first = link else before.next = link
        last = link
        size++
    }

    /** Takes [link] out; does nothing if it was taken out before. */
    inline fun remove(link: L) {
        if (!link.isLinked) return
        link.isLinked = false
        VarHandle.storeStoreFence()
        val before = link.previous
        val after = link.next
        if (before == null) {
            first = after
        } else {
            before.next = after
            link.previous = null
        }
        if (after == null) {
            last = before
        } else {
            after.previous = before
            link.next = null
        }
        size--
    }

    inline fun forEach(action: (L) -> Unit) {
        var link = first
        while (link != null) {
            val after = link.next
            action(link)
            link = after
        }
    }

    /** Calls [visit] with each element, from any thread; false if an element was removed meanwhile. */
    inline fun walk(visit: (L) -> Unit): Boolean {
        var link = first
        while (link != null) {
            visit(link)
            val after = link.next
            VarHandle.acquireFence()
            if (!link.isLinked) return false
            link = after
        }
        return true
    }
}
