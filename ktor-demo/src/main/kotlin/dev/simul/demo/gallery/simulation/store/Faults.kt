// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Network
import dev.simul.sleep
import dev.simul.taskGroup
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** What goes wrong with servers: which of them, when and for how long, all by the running loop's random numbers. */
internal class Faults(
    private val network: Network,
    private val servers: List<Host>,
    private val others: List<Host>,
    private val story: Story,
) {
    private val random = getRunningLoop().random

    /** Some faults, which may overlap. When this returns, all are over. */
    suspend fun happen() =
        taskGroup { tasks ->
            repeat(random.nextInt(MOST + 1)) {
                sleep(random.nextInt(LONGEST_PAUSE).milliseconds)
                val server = choose()
                val fault = random.nextInt(KINDS)
                val duration = (SHORTEST + random.nextInt(if (random.nextBoolean()) SPREAD else SHORT_SPREAD)).milliseconds
                tasks.createTask { happen(fault, server, duration) }
            }
        }

    /** Any server, and more often than others the leader, and the one that has voted last. */
    private fun choose(): Host {
        val number = random.nextInt(servers.size + 2)
        val name = if (number == servers.size) story.leader else story.voter
        return servers.getOrNull(number) ?: servers.firstOrNull { it.name == name } ?: servers.last()
    }

    private suspend fun happen(
        fault: Int,
        server: Host,
        duration: Duration,
    ) = when (fault) {
        0, 1 -> crash(server, duration)
        2 -> cutOff(server, (servers + others) - server, duration)
        else -> cutOff(server, listOf(servers[(servers.indexOf(server) + 1) % servers.size]), duration)
    }

    private suspend fun crash(
        server: Host,
        duration: Duration,
    ) {
        if (!server.isRunning) return
        story.tell(server.name, "crashes")
        server.crash()
        sleep(duration)
        story.tell(server.name, "restarts")
        server.restart()
    }

    private suspend fun cutOff(
        server: Host,
        from: List<Host>,
        duration: Duration,
    ) {
        val names = from.map { it.name }
        val whom = if (from.size == 1) names.single() else "all others"
        story.tell(server.name, "is cut off from $whom")
        network.partition(listOf(server.name), names)
        sleep(duration)
        story.tell(server.name, "reaches $whom again")
        for (name in names) network.heal(server.name, name)
    }

    private companion object {
        const val MOST = 7
        const val KINDS = 4

        // In milliseconds.
        const val LONGEST_PAUSE = 250
        const val SHORTEST = 5
        const val SHORT_SPREAD = 30
        const val SPREAD = 500
    }
}
