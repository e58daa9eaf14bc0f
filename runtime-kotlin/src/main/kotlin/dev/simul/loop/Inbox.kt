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

    /** What was taken and is not in the ready queue yet, the oldest first; null but for an error in between. */
    private var taken: Node? = null

    fun isEmpty(): Boolean = newest == null && taken == null

    fun add(callback: Callback) {
        val node = Node(callback, null)
        do {
            node.next = newest
        } while (!newestOf.compareAndSet(this, node.next, node))
    }

    fun drainTo(ready: ReadyQueue) {
        takeAll()
        while (true) {
            val node = taken ?: return
            ready.add(node.callback)
            taken = node.next
        }
    }

    /** Turns round what has come, and puts it behind what the ready queue had no memory for. */
    private fun takeAll() {
        var node = newestOf.getAndSet(this, null) ?: return
        var oldestFirst: Node? = null
        while (true) {
            val next = node.next
            node.next = oldestFirst
            oldestFirst = node
            node = next ?: break
        }
        val first = taken
        if (first == null) {
            taken = oldestFirst
        } else {
            var last: Node = first
            while (true) last = last.next ?: break
            last.next = oldestFirst
        }
    }

    private companion object {
        val newestOf: AtomicReferenceFieldUpdater<Inbox, Node?> =
            AtomicReferenceFieldUpdater.newUpdater(Inbox::class.java, Node::class.java, "newest")
    }
}
