// SPDX-License-Identifier: Apache-2.0
package dev.simul.staggered

import dev.simul.exceptions.CancelledException

/**
 * The outcome of a [staggeredRace].
 *
 * @property result the winner's result; null if there is no winner.
 * @property winner the index of the winner; null if there is none.
 * @property exceptions the failure of each attempt that was begun, a [CancelledException] for those that lost to another; null for the
 *   winner.
 */
public data class StaggeredResult<out T>(
    public val result: T?,
    public val winner: Int?,
    public val exceptions: List<Throwable?>,
)
