// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.context.CurrentContext
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull

/**
 * The identity of the calling thread: its context variables, and the loop if it runs one. Another thread takes it over, and runs while this
 * one waits.
 */
internal class CallerIdentity {
    val loop: EventLoop? = getRunningLoopOrNull()
    private val current = CurrentContext.current()
    private var lender: Thread? = null

    fun takeOver() {
        if (loop == null) CurrentContext.take(current) else lender = loop.stacks.borrow()
    }

    fun giveBack() {
        if (loop == null) CurrentContext.leave() else loop.stacks.giveBack(lender)
    }
}
