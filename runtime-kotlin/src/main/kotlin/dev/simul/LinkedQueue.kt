package dev.simul

import java.lang.invoke.VarHandle

/** What a [LinkedQueue] links; it is in one queue at most, once. */
internal interface Link<L : Link<L>> {
    var previous: L?
    var next: L?
}

/**
 * A queue whose elements can leave from anywhere in constant time.
 *
 * One thread changes it. Others may [walk] it, and learn when an element was removed under their feet.
 */
internal class LinkedQueue<L : Link<L>> {
    var first: L? = null
        private set

    private var last: L? = null

    var size: Int = 0
        private set

    fun isEmpty(): Boolean = first == null

    fun add(link: L) {
        val before = last
        link.previous = before
        VarHandle.releaseFence()
        if (before == null) first = link else before.next = link
        last = link
        size++
    }

    fun remove(link: L) {
        val before = link.previous
        val after = link.next
        if (before == null) first = after else before.next = after
        if (after == null) last = before else after.previous = before
        link.previous = link // a mark for other threads' walks
        link.next = null
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
            VarHandle.acquireFence()
            if (link.previous === link) return false
            visit(link)
            link = link.next
        }
        return true
    }
}
