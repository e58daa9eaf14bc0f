// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Whether the stacks of a loop look out for their turn for a while before they park: as long as it pays.
 *
 * To wake a parked thread takes microseconds, tens of them if a processor has to wake up for it. Where two stacks take turns and
 * there is a processor for each, the turn is back long before that. Where it is not, for want of a processor or since others
 * have their turns in between, they look out in vain: after a few times in a row they park at once, and only try again every
 * now and then.
 */
internal class SpinBeforePark {
    // Several threads change these at once, and it does no harm if one of them forgets what another has learned.
    private var inVain = 0
    private var waits = 0

    /** Looks out for the turn of [stack] until it is there, or for long enough. */
    fun lookOut(stack: LoopStack) {
        if (PROCESSORS == 1 || (inVain >= MOST_IN_VAIN && !isToTryAgain())) return
        val begin = System.nanoTime() // What is spared is the time of a processor, which goes by the machine's clock.
        do {
            repeat(LOOKS_PER_CLOCK_READING) {
                if (stack.hasTurn) {
                    if (inVain > 0) inVain = 0
                    return
                }
                Thread.onSpinWait()
            }
        } while (System.nanoTime() - begin < LONG_ENOUGH_NANOS)
        inVain++
    }

    /** The other stack, which parks at once too, has to wake up in time, so one trial is not enough. */
    private fun isToTryAgain(): Boolean {
        if (++waits < WAITS_PER_TRIAL) return false
        waits = 0
        inVain = 0
        return true
    }

    private companion object {
        val PROCESSORS = Runtime.getRuntime().availableProcessors()
        const val LONG_ENOUGH_NANOS = 50_000
        const val LOOKS_PER_CLOCK_READING = 16
        const val MOST_IN_VAIN = 4
        const val WAITS_PER_TRIAL = 256
    }
}
