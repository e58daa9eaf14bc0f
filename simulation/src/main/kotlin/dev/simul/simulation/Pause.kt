// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration

/** A time in which [processes] do nothing: all those of a host, or one loop's. */
internal class Pause(
    private val world: World,
    private val name: String,
    private val processes: () -> List<HostProcess>,
) {
    private var resumption: Agenda.Entry? = null

    val isOn: Boolean get() = resumption?.isDone == false

    /** Begins it, or makes it longer. @throws IllegalArgumentException if [duration] is negative. */
    fun begin(
        what: String,
        duration: Duration,
    ) {
        world.checkHere("pause $what")
        require(!duration.isNegative()) { "$what cannot pause for $duration: give a duration that is not negative" }
        val end = world.agenda.timeAfter(duration.inWholeNanoseconds)
        if (resumption?.takeUnless { it.isDone }?.let { it.nanos >= end } == true) return
        resumption?.cancel()
        world.transcript.add(name, "pauses for $duration")
        processes().forEach(world::pause)
        resumption = world.agenda.at(end, ::end)
    }

    fun end() {
        if (resumption == null) return
        resumption?.cancel()
        resumption = null
        processes().forEach(world::wakeHere)
    }
}
