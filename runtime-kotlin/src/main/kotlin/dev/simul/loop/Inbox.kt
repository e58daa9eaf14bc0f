package dev.simul.loop

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater

/** What other threads hand to the loop: many may [add], only the loop takes, in the order of adding. */
internal class Inbox {
    private class Node(
        val callback: Callback,
        var next: Node?,
    )

    @Volatile
    private var newest: Node? = null

    fun isEmpty(): Boolean = newest == null

    fun add(callback: Callback) {
        val node = Node(callback, null)
        do {
            node.next = newest
        } while (!newestOf.compareAndSet(this, node.next, node))
    }

    fun drainTo(ready: ReadyQueue) {
        var node = newestOf.getAndSet(this, null) ?: return
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

    private companion object {
        val newestOf: AtomicReferenceFieldUpdater<Inbox, Node?> =
            AtomicReferenceFieldUpdater.newUpdater(Inbox::class.java, Node::class.java, "newest")
    }
}
