// SPDX-License-Identifier: Apache-2.0
package dev.simul.staggered

import dev.simul.exceptions.CancelledException

/**
 * How a [staggeredRace] has ended.
 *
 * @property result what the winner has returned; null if nobody has won.
 * @property winner the index of the winner; null if nobody has won.
 * @property exceptions what each attempt that was begun has failed with, a [CancelledException] for those that somebody else beat;
 *   null for the winner.
 */
public data class StaggeredResult<out T>(
    public val result: T?,
    public val winner: Int?,
    public val exceptions: List<Throwable?>,
)
