// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration

/** A turn of a host's loop: the how many-th of the simulation, and at which virtual time. */
internal class Turn(
    private val number: Long,
    private val host: String,
    private val time: Duration,
) {
    override fun toString(): String = "at $time, after turn $number, which was one of host $host"
}
