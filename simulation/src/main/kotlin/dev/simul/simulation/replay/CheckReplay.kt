// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.simulation.Schedule
import dev.simul.simulation.checkNoRunningLoop
import kotlin.io.path.createTempDirectory
import kotlin.io.path.div
import kotlin.io.path.useLines

/** As [dev.simul.simulation.replayCheck], for the programs of [source]. */
internal fun checkReplay(
    source: ProgramSource,
    seed: Long,
    schedule: Schedule,
    seeds: Int,
) {
    checkNoRunningLoop("replayCheck")
    require(seeds > 0) { "$seeds seeds check nothing: give at least 1" }
    val folder = createTempDirectory("simul-replay")
    try {
        val here = folder / "here"
        val fresh = folder / "fresh"
        recordSteps(source, seed..<seed + seeds, schedule, here)
        runInFreshJvm(ReplayChild::class.java, listOf("$seed", "${seed + seeds}", schedule.name, "$fresh") + source.names, folder)
        val difference = here.useLines { left -> fresh.useLines { right -> firstDifference(left, right) } }
        if (difference != null) throw AssertionError("Seed ${difference.seed} ran otherwise in a fresh JVM: $difference")
    } finally {
        folder.toFile().deleteRecursively()
    }
}
