package dev.simul.loop

import java.util.concurrent.atomic.AtomicReference

/** What other threads hand to the loop: many may [add], only the loop takes, in the order of adding. */
internal class Inbox {
    private class Node(
        val callback: Callback,
        var next: Node?,
    )

    private val newest = AtomicReference<Node?>()

    fun isEmpty(): Boolean = newest.get() == null

    fun add(callback: Callback) {
        val node = Node(callback, null)
        do {
            node.next = newest.get()
        } while (!newest.compareAndSet(node.next, node))
    }

    fun drainTo(ready: ReadyQueue) {
        var node = newest.getAndSet(null) ?: return
        var oldestFirst: Node? = null
        while (true) {
            val next = node.next
            node.next = oldestFirst
            oldestFirst = node
            node = next ?: break
        }
        while (oldestFirst != null) {
            ready.add(oldestFirst.callback)
            oldestFirst = oldestFirst.next
        }
    }
}
