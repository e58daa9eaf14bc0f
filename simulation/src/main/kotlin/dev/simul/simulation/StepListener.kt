// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** Is told of everything that happens in a run, one thing after the other: the same in each run of the same choices. */
internal fun interface StepListener {
    /** At this virtual time, [host] has done [what]. */
    fun step(
        nanos: Long,
        host: String,
        what: String,
    )
}
