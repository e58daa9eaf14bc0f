// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTesting")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.testing.AwaitingLine
import dev.simul.testing.CancelOptions
import dev.simul.testing.CancelTrial
import dev.simul.testing.VirtualClock
import dev.simul.testing.checkCancelSafe
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
    )
}

/**
 * As [checkCancelSafe].
 *
 * @param locksOf selects the objects to check for locks among what [setUp] returned.
 * @param library a class of the calling library, whose lines are not the user's.
 * @return how many turns the program takes if it is not cancelled.
 */
@FacadeApi
public fun <S> cancelInEachTurn(
    options: CancelOptions,
    setUp: suspend () -> S,
    check: suspend (S) -> Unit,
    program: suspend (S) -> Unit,
    locksOf: (S) -> Any?,
    library: Class<*>,
): Int = CancelTrial(options, setUp, check, program, AwaitingLine(listOf(library)), locksOf).run()

/** A [VirtualClock] with that threshold, whose loop opens its channels by [selectorProvider]. */
@FacadeApi
public fun virtualClock(
    autojumpThreshold: Duration,
    selectorProvider: SelectorProvider,
): VirtualClock = VirtualClock(autojumpThreshold.toKotlinDuration(), selectorProvider)

/** As [VirtualClock.advance]. */
@FacadeApi
public fun advance(
    clock: VirtualClock,
    duration: Duration,
): Unit = clock.advance(duration.toKotlinDuration())
