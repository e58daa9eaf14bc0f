// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.nio.channels.ClosedByInterruptException
import java.nio.channels.spi.AbstractInterruptibleChannel

/** The stack of the thread that called `runForever`: while bodies hold the loop, it waits and runs the work of [rootExecutor]. */
internal class RootStack(
    override val loop: EventLoop,
    private val rootExecutor: RootExecutor,
) : LoopStack() {
    private val interrupts = Interrupts()

    init {
        ownThread = Thread.currentThread()
    }

    override val mayNotFallAsleep: Boolean = ownThread!!.isVirtual()

    override fun awaitTurn(): Boolean = interrupts.watch { awaitTurn { rootExecutor.runOne() || park() } }

    override fun interrupted() = loop.interruptPending()

    /**
     * Detects interrupts of the root's thread, which close such a channel. The interrupt flag is not enough: a virtual thread that runs on
     * the thread clears it.
     */
    private inner class Interrupts : AbstractInterruptibleChannel() {
        inline fun watch(block: () -> Boolean): Boolean {
            begin()
            try {
                return block()
            } finally {
                try {
                    end(true)
                } catch (_: ClosedByInterruptException) {
                    Thread.interrupted()
                }
            }
        }

        override fun implCloseChannel() = interrupted()
    }
}
