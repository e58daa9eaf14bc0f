// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.lang.ref.WeakReference

/**
 * The open channels that have an end in one loop: their ends close with it. Holds them weakly, since a task that waits at one holds it.
 *
 * Other loops add and remove, too.
 */
internal class LoopChannels private constructor() {
    /** In the order of their making, in which they close. */
    private val links = LinkedHashSet<WeakReference<ChannelLink<*>>>()
    private var sizeToLookAt = FEW

    @Synchronized
    fun add(link: WeakReference<ChannelLink<*>>) {
        if (links.size >= sizeToLookAt) {
            links.removeIf { it.get() == null }
            sizeToLookAt = maxOf(FEW, 2 * links.size)
        }
        links += link
    }

    @Synchronized
    fun remove(link: WeakReference<ChannelLink<*>>) {
        links -= link
    }

    @Synchronized
    private fun open(): List<ChannelLink<*>> = links.mapNotNull { it.get() }

    /** How many are held that still exist. */
    val size: Int get() = open().size

    companion object {
        private const val FEW = 16

        private val of =
            LoopLocal(
                onClose = { loop, channels -> channels.open().forEach { it.closeWith(loop) } },
                initial = { LoopChannels() },
            )

        operator fun get(loop: EventLoop): LoopChannels = of[loop]

        /** @throws IllegalStateException if [loop] is closed, so that nothing would close an end in it. */
        fun checkOpen(loop: EventLoop) = check(!LoopLocal.areClosed(loop) && !loop.isClosed) { "Event loop is closed" }
    }
}
