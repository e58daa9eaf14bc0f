// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTesting")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import dev.simul.loop.PollerInFront
import dev.simul.testing.CancelOptions
import dev.simul.testing.CancelTrial
import dev.simul.testing.VirtualClock
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.network.MemoryNetwork
import java.nio.channels.spi.SelectorProvider
import java.time.Duration
import kotlin.time.toKotlinDuration

/** As [CancelOptions]. */
@FacadeApi
public fun cancelOptions(
    virtualTime: Boolean,
    debug: Boolean?,
    turnLimit: Int?,
    timeLimit: Duration?,
    settle: Duration?,
    samples: Int?,
    seed: Long?,
    network: (() -> MemoryNetwork)?,
): CancelOptions {
    val default = CancelOptions()
    return CancelOptions(
        virtualTime = virtualTime,
        debug = debug,
        turnLimit = turnLimit ?: default.turnLimit,
        timeLimit = timeLimit?.toKotlinDuration() ?: default.timeLimit,
        settle = settle?.toKotlinDuration() ?: default.settle,
        samples = samples,
        seed = seed,
        network = network,
    )
}

/**
 * As [checkCancelSafe].
 *
 * @param locksOf selects the objects to check for locks among what [setUp] returned.
 * @return how many turns the program takes if it is not cancelled.
 */
@FacadeApi
public fun <S> cancelInEachTurn(
    options: CancelOptions,
    setUp: suspend () -> S,
    check: suspend (S) -> Unit,
    program: suspend (S) -> Unit,
    locksOf: (S) -> Any?,
): Int = CancelTrial(options, setUp, check, program, locksOf).run()

/** A [VirtualClock] with that threshold, whose loop opens its channels by [selectorProvider]. */
@FacadeApi
public fun virtualClock(
    autojumpThreshold: Duration,
    selectorProvider: SelectorProvider,
): VirtualClock = VirtualClock(autojumpThreshold.toKotlinDuration(), selectorProvider)

/** The clock that [loop] goes by, if it is a [VirtualClock]. */
@FacadeApi
public fun virtualClockOf(loop: EventLoop): VirtualClock? =
    loop.poller as? VirtualClock ?: (loop.poller as? PollerInFront)?.behind as? VirtualClock

/** As [VirtualClock.advance]. */
@FacadeApi
public fun advance(
    clock: VirtualClock,
    duration: Duration,
): Unit = clock.advance(duration.toKotlinDuration())
