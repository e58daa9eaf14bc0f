// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaSimulation")

package dev.simul.simulation.interop

import dev.simul.FacadeApi
import dev.simul.simulation.Exploration
import dev.simul.simulation.Host
import dev.simul.simulation.HostLoop
import dev.simul.simulation.Latency
import dev.simul.simulation.NetworkConditions
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.histories.History
import dev.simul.simulation.replay.ProgramSource
import dev.simul.simulation.replay.checkReplay
import java.time.Duration
import java.util.function.Supplier
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

// What takes or returns durations, as java.time has them: Java cannot call functions with Kotlin's durations.

/** As [Simulation.now]. */
@FacadeApi
public fun nowOf(simulation: Simulation): Duration = simulation.now.toJavaDuration()

/** As [Simulation.eventually]; a failure has the stack trace of [askedAt]. */
@FacadeApi
public suspend fun eventually(
    simulation: Simulation,
    within: Duration,
    name: String,
    askedAt: Throwable,
    holds: () -> Boolean,
): Unit = simulation.eventually(within.toKotlinDuration(), name, askedAt, holds)

/** As the other [explore]. */
@FacadeApi
public fun explore(
    seeds: Int,
    budget: Duration,
    schedule: Schedule,
    firstSeed: Long,
    collect: Boolean,
    block: suspend Simulation.() -> Unit,
): Exploration = explore(seeds, budget.toKotlinDuration(), schedule, firstSeed, collect, block)

/**
 * As [dev.simul.simulation.replayCheck], for a program that [factory] adapts.
 *
 * @throws IllegalArgumentException also if [program] is no type of the factory's.
 */
@FacadeApi
public fun replayCheck(
    program: Class<*>,
    factory: Class<out ProgramFactory>,
    seed: Long,
    schedule: Schedule,
    seeds: Int,
): Unit = checkReplay(ProgramSource(program, factory), seed, schedule, seeds)

/** As [Exploration.elapsed]. */
@FacadeApi
public fun elapsedOf(exploration: Exploration): Duration = exploration.elapsed.toJavaDuration()

/** As [Host.pause]. */
@FacadeApi
public fun pause(
    host: Host,
    duration: Duration,
): Unit = host.pause(duration.toKotlinDuration())

/** As [HostLoop.pause]. */
@FacadeApi
public fun pause(
    loop: HostLoop,
    duration: Duration,
): Unit = loop.pause(duration.toKotlinDuration())

/** As [Host.clockSkew]. */
@FacadeApi
public fun clockSkewOf(host: Host): Duration = host.clockSkew.toJavaDuration()

/** Sets [Host.clockSkew]. */
@FacadeApi
public fun setClockSkew(
    host: Host,
    skew: Duration,
) {
    host.clockSkew = skew.toKotlinDuration()
}

/** A [Latency]. */
@FacadeApi
public fun latency(
    from: Duration,
    to: Duration,
): Latency = Latency(from.toKotlinDuration(), to.toKotlinDuration())

/** As [Latency.withSpikes]. */
@FacadeApi
public fun withSpikes(
    latency: Latency,
    probability: Double,
    longest: Duration,
): Latency = latency.withSpikes(probability, longest.toKotlinDuration())

/** As [Latency.from]. */
@FacadeApi
public fun fromOf(latency: Latency): Duration = latency.from.toJavaDuration()

/** As [Latency.to]. */
@FacadeApi
public fun toOf(latency: Latency): Duration = latency.to.toJavaDuration()

/** As [NetworkConditions.connectTimeout]. */
@FacadeApi
public fun connectTimeoutOf(conditions: NetworkConditions): Duration = conditions.connectTimeout.toJavaDuration()

/** Sets [NetworkConditions.connectTimeout]. */
@FacadeApi
public fun setConnectTimeout(
    conditions: NetworkConditions,
    timeout: Duration,
) {
    conditions.connectTimeout = timeout.toKotlinDuration()
}

/** As [NetworkConditions.retransmissionTimeout]. */
@FacadeApi
public fun retransmissionTimeoutOf(conditions: NetworkConditions): Duration = conditions.retransmissionTimeout.toJavaDuration()

/** Sets [NetworkConditions.retransmissionTimeout]. */
@FacadeApi
public fun setRetransmissionTimeout(
    conditions: NetworkConditions,
    timeout: Duration,
) {
    conditions.retransmissionTimeout = timeout.toKotlinDuration()
}

/** A [History] whose messages print [time]; null stands for the numbers of events. */
@FacadeApi
public fun <Op, R> historyOf(time: Supplier<Duration>?): History<Op, R> =
    History(time?.let { supplier -> { supplier.get().toKotlinDuration() } })
