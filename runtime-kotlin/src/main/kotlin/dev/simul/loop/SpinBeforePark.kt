// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Whether the stacks of a loop spin for their turn before they park: as long as it pays.
 *
 * Waking a parked thread takes microseconds, tens of them if a processor has to wake up for it. If two stacks take turns and each has a
 * processor, the turn is back long before that. If it is not, for lack of a processor or because other stacks have turns in between, they
 * spin in vain: after a few times in a row they park at once, and only try again now and then.
 */
internal class SpinBeforePark {
    // Several threads change these at once; it does no harm if one overwrites what another has learned.
    private var inVain = 0
    private var waits = 0

    /** Spins until the turn of [stack] or until the spin budget ends. */
    fun lookOut(stack: LoopStack) {
        if (PROCESSORS == 1 || (inVain >= MOST_IN_VAIN && !isToTryAgain())) return
        val begin = System.nanoTime() // The budget is processor time, which goes by the machine's clock.
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

    /** The other stack parks at once too and has to wake up in time, so one trial is not enough. */
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
