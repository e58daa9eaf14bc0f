// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

/**
 * What [every] does about ticks that come while its body is still running.
 *
 * With a tick each second, and a run that begins at 0 and takes 2.4 seconds, the next runs begin at these times:
 *
 * | | |
 * | --- | --- |
 * | [SKIP] | 3, 4, 5, … |
 * | [BURST] | 2.4, 2.4, 3, 4, 5, … |
 * | [DELAY] | 2.4, 3.4, 4.4, … |
 */
public enum class MissedTicks {
    /** Missed ticks are skipped: the next run begins at the next tick. */
    SKIP,

    /** Missed ticks are made up for: as many runs follow at once, one after another. */
    BURST,

    /** The next run begins at once, and later ticks count from there: two runs never begin less than a period apart. */
    DELAY,
}
