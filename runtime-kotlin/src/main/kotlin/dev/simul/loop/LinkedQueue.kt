// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.invoke.VarHandle

/** An element of a [LinkedQueue]; it is in at most one queue, once. */
internal interface Link<L : Link<L>> {
    var previous: L?
    var next: L?

    /** Whether it is in its queue. */
    var isLinked: Boolean
}

/**
 * A queue that removes any element in constant time.
 *
 * One thread changes it. Others may [walk] it, and learn whether an element was removed meanwhile. It stores as few references as possible:
 * with a concurrent collector, those stores are the cost of adding and removing. Both are inlined: a caller has elements of one class only,
 * so the JIT specializes them for that class. An error that strikes either leaves it undone or complete.
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
        val before = last
        if (link.previous !== before) link.previous = before
        link.isLinked = true
        VarHandle.releaseFence()
        if (before == null) {
            first = link
        } else {
            link.elsePut(isLinked = false) { before.next = link }
        }
        last = link
        size++
    }

    /** Removes [link]; does nothing if it was removed before. */
    inline fun remove(link: L) {
        if (!link.isLinked) return
        val before = link.previous
        val after = link.next
        link.isLinked = false
        link.elsePut(isLinked = true) {
            VarHandle.storeStoreFence()
            if (after != null) after.previous = before
            if (before != null) before.next = after
        }
        if (before == null) first = after
        if (after == null) last = before
        size--
        if (before == null && after == null) return
        surely {
            if (before != null) link.previous = null
            if (after != null) link.next = null
        }?.let { throw it }
    }

    /** Runs [block]; if an error strikes it, restores [isLinked]. */
    private inline fun L.elsePut(
        isLinked: Boolean,
        block: () -> Unit,
    ) = try {
        block()
    } catch (e: Throwable) {
        this.isLinked = isLinked
        throw e
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
