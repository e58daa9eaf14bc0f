// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

/**
 * What [every] does about the ticks that came while its body was still running.
 *
 * With a tick each second, and a body that once takes 2.4 seconds from 0 on, the next runs begin at these times:
 *
 * | | |
 * | --- | --- |
 * | [SKIP] | 3, 4, 5, … |
 * | [BURST] | 2.4, 2.4, 3, 4, 5, … |
 * | [DELAY] | 2.4, 3.4, 4.4, … |
 */
public enum class MissedTicks {
    /** They are left out: the next run begins at the next tick. */
    SKIP,

    /** They are made up for: as many runs follow at once, one after another, until none is behind. */
    BURST,

    /** The next run begins at once, and the ticks count from there: between two of them there is never less than a period. */
    DELAY,
}
