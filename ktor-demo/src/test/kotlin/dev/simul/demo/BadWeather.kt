// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Latency
import dev.simul.simulation.Simulation
import dev.simul.sleep
import kotlin.time.Duration.Companion.milliseconds

/** A slow network that loses and breaks off, before servers that are busy. */
internal fun Simulation.badWeather() {
    with(network.conditions) {
        latency = Latency(5.milliseconds, 50.milliseconds).withSpikes(0.02, 500.milliseconds)
        splits = 0.2
        segmentLoss = 0.02
        resets = 0.005
        acceptDelay = Latency(0.milliseconds, 30.milliseconds)
    }
}

/** Cuts [one] host off from [server] for some seconds, at some moment; then the server loses its power for some more. */
internal suspend fun Simulation.faults(
    one: String,
    server: Host,
) {
    val random = getRunningLoop().random
    sleep(random.nextInt(500).milliseconds)
    network.partition(one, server.name)
    sleep(random.nextInt(5_000).milliseconds)
    network.heal()
    sleep(random.nextInt(500).milliseconds)
    server.crash()
    sleep(random.nextInt(5_000).milliseconds)
    server.restart()
}

/** Waits to be cancelled. */
internal suspend fun forever() = getRunningLoop().createFuture<Unit>().await()
