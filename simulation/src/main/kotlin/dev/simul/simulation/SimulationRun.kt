// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.getRunningLoopOrNull

/** One run of a simulation, decided by [choices]; it is made and run in one thread. */
internal class SimulationRun(
    choices: Choices,
    schedule: Schedule,
) {
    private val world = World(choices, schedule)

    val transcript: Transcript get() = world.transcript

    /** Runs [block] on the host `main`, ends all hosts, and returns what the block did. */
    fun <T> run(block: suspend Simulation.() -> T): Result<T> {
        check(getRunningLoopOrNull() == null) { "simulate cannot be called from a running event loop: call it in a plain test or program" }
        val simulation = Simulation(world)
        var value: Result<T>? = null
        val failures = ArrayList<Throwable>()
        collect(failures) {
            val main = world.addHost("main", null) { value = runCatching { simulation.block() }.also { it.getOrThrow() } }
            world.runUntil { main.main!!.done() }
            main.main!!.result()
        }
        for (host in world.hosts.values.toList()) collect(failures) { endHost(host) }
        world.hosts.values.forEach { it.reportFailure() }
        collect(failures) { world.errors.check() }
        val failure = failures.firstOrNull() ?: return value!!
        failures.drop(1).filter { it !== failure }.forEach(failure::addSuppressed)
        return Result.failure(failure)
    }

    private fun endHost(host: Host) {
        val process = host.process!!
        if (!process.isOver) world.end(process)
        val open = process.machine.openSockets
        check(open.isEmpty()) { "host ${host.name} has left ${open.size} socket(s) open: ${open.joinToString()}" }
    }

    private inline fun collect(
        failures: MutableList<Throwable>,
        block: () -> Unit,
    ) {
        try {
            block()
        } catch (e: Throwable) {
            failures += e
        }
    }
}
