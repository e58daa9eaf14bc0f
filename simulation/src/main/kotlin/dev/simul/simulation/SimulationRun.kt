// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.getRunningLoopOrNull

/** One run of a simulation, decided by [choices]; it is made and run in one thread. */
internal class SimulationRun(
    choices: Choices,
    schedule: Schedule,
    listener: StepListener? = null,
) {
    private val world = World(choices, schedule).also { it.transcript.listener = listener }

    val transcript: Transcript get() = world.transcript

    /** Runs [block] on the host `main`, ends all hosts, and returns what the block did. */
    fun <T> run(block: suspend Simulation.() -> T): Result<T> {
        checkNoRunningLoop("simulate")
        val simulation = Simulation(world)
        var value: Result<T>? = null
        val failures = ArrayList<Throwable>()
        failures.adding {
            val main = world.addHost("main", null) { value = runCatching { simulation.block() }.also { it.getOrThrow() } }
            world.runUntil { main.main!!.done() }
            main.main!!.result()
        }
        world.invariants.clear()
        world.end(failures)
        world.hosts.values.forEach { it.reportFailure() }
        failures.adding { world.errors.check() }
        val failure = failures.firstOrNull { it is InterruptedException } ?: failures.firstOrNull() ?: return value!!
        failures.filter { it !== failure }.forEach(failure::addSuppressed)
        return Result.failure(failure)
    }
}

/** @throws IllegalStateException if the calling thread runs a loop; the message names [function]. */
internal fun checkNoRunningLoop(function: String) =
    check(getRunningLoopOrNull() == null) { "$function cannot be called from a running event loop: call it in a plain test or program" }
