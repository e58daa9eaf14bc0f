package dev.simul.generators

import dev.simul.context.Seat
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull

/**
 * What the calling thread stands for: its context variables, and the loop if it runs one. Another thread that runs while this
 * one waits takes it over.
 */
internal class Standing {
    val loop: EventLoop? = getRunningLoopOrNull()
    private val seat = Seat.current()
    private var lender: Thread? = null

    fun takeOver() {
        if (loop == null) Seat.take(seat) else lender = loop.borrow()
    }

    fun giveBack() {
        if (loop == null) Seat.leave() else loop.giveBack(lender)
    }
}
