// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopStack

/** A callback that measures how long it waits for its turn, handed in only when somebody reads. */
internal class LagProbe(
    private val loop: EventLoop,
) : Callback {
    private var handedInAt = 0L

    /** The run of the loop in which it waits; null if it does not wait. */
    private var root: LoopStack? = null
    private var last = 0L

    @Synchronized
    fun read(): Long {
        val running = loop.stacks.root
        if (!loop.isRunning) return 0
        val now = System.nanoTime()
        if (root != null && root === running) return maxOf(last, now - handedInAt)
        // One that an earlier run of the loop has left behind ends this one's wait, which is as well.
        val waits = root != null
        handedInAt = now
        root = running
        if (!waits) loop.enqueueThreadsafe(this)
        return last
    }

    @Synchronized
    override fun run() {
        if (root === loop.stacks.root) last = System.nanoTime() - handedInAt
        root = null
    }

    @Synchronized
    override fun dropped() {
        root = null
    }
}
