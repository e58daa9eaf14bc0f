// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * What {@link Asyncio#every} does about the ticks that came while its body was still running.
 *
 * <p>With a tick each second, and a body that once takes 2.4 seconds from 0 on, the next runs begin at 3, 4 and 5 seconds with
 * {@link #SKIP}, at 2.4, 2.4, 3, 4 and 5 with {@link #BURST}, and at 2.4, 3.4 and 4.4 with {@link #DELAY}.
 */
public enum MissedTicks {
    /** They are left out: the next run begins at the next tick. */
    SKIP(dev.simul.MissedTicks.SKIP),

    /** They are made up for: as many runs follow at once, one after another, until none is behind. */
    BURST(dev.simul.MissedTicks.BURST),

    /** The next run begins at once, and the ticks count from there: between two of them there is never less than a period. */
    DELAY(dev.simul.MissedTicks.DELAY);

    final dev.simul.MissedTicks source;

    MissedTicks(dev.simul.MissedTicks source) {
        this.source = source;
    }
}
