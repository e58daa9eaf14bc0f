// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.loop.DaemonThread
import dev.simul.loop.getRunningLoopOrNull
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.ScheduledThreadPoolExecutor
import kotlin.random.Random

/**
 * A program that is to be cancelled in each of its turns, or at random moments.
 *
 * @param locksOf selects the objects to check for locks among what `setUp` returned.
 */
internal class CancelTrial<S>(
    val options: CancelOptions,
    val setUp: suspend () -> S,
    val check: suspend (S) -> Unit,
    val program: suspend (S) -> Unit,
    val locksOf: (S) -> Any? = { it },
) {
    private val seed = options.seed ?: Random.nextLong() // the failure names it
    private val bad = ArrayList<CancelOutcome>()
    private var runs = 0

    /** Returns how many turns the program takes if it is not cancelled. */
    fun run(): Int {
        check(getRunningLoopOrNull() == null) {
            "checkCancelSafe makes loops of its own, and cannot be called from a running event loop: call it in a plain test"
        }
        val alarm = ScheduledThreadPoolExecutor(1) { DaemonThread("limits cancelled programs", work = it) }
        alarm.removeOnCancelPolicy = true
        try {
            val turns = runUncut(alarm)
            if (options.samples == null) cutInEachTurn(alarm) else cutInSamples(alarm, options.samples, turns)
            if (bad.isNotEmpty()) throw failure(turns)
            return turns
        } finally {
            alarm.shutdownNow()
        }
    }

    private fun runUncut(alarm: ScheduledExecutorService): Int {
        val outcome = runTwiceIfBad(Moment.Never, alarm)
        if (outcome.findings.isEmpty()) return outcome.turns
        throw AssertionError("the program is not in order even if it is not cancelled:${list(outcome.findings)}").from(outcome.causes)
    }

    private fun cutInEachTurn(alarm: ScheduledExecutorService) {
        var turns = 0
        while (true) {
            val outcome = runTwiceIfBad(Moment.Turn(turns++), alarm)
            if (outcome.cut == null && outcome.findings.isEmpty()) return
            add(outcome)
            if (outcome.cut == null) return
        }
    }

    private fun cutInSamples(
        alarm: ScheduledExecutorService,
        samples: Int,
        turns: Int,
    ) {
        val random = Random(seed)
        // The moment comes when the alarm goes off in a thread.
        val started = System.nanoTime()
        CancelRun(this, Moment.Never, alarm).run()
        val duration = System.nanoTime() - started
        repeat(samples) {
            val moment = if (random.nextBoolean()) Moment.Turn(random.nextInt(turns + 1)) else Moment.Later(random.nextLong(duration + 1))
            add(CancelRun(this, moment, alarm).run())
        }
    }

    private fun add(outcome: CancelOutcome) {
        runs++
        if (outcome.findings.isNotEmpty()) bad += outcome
    }

    /** A finding about the process may come from elsewhere, or be created once for all: it counts if it occurs again. */
    private fun runTwiceIfBad(
        moment: Moment,
        alarm: ScheduledExecutorService,
    ): CancelOutcome {
        val outcome = CancelRun(this, moment, alarm).run()
        return if (outcome.isOfProcess) CancelRun(this, moment, alarm).run() else outcome
    }

    private fun failure(turns: Int): AssertionError {
        val where = if (options.samples == null) "its $turns turns" else "$runs samples of seed $seed"
        val header = "the program is not safe to cancel, which is shown by ${bad.size} of $where:"
        val shown = bad.take(MOST_SHOWN).joinToString("") { "\n${it.cut ?: "not cancelled"}:${list(it.findings)}" }
        val left = if (bad.size > MOST_SHOWN) "\nand ${bad.size - MOST_SHOWN} more" else ""
        return AssertionError(header + shown + left).from(bad.take(MOST_SHOWN).flatMap { it.causes })
    }

    private fun list(findings: List<String>) = findings.joinToString("") { "\n    ${it.replace("\n", "\n        ")}" }

    private fun AssertionError.from(causes: List<Throwable>): AssertionError {
        causes.firstOrNull()?.let(::initCause)
        causes.drop(1).filterNot { it === this }.forEach(::addSuppressed)
        return this
    }

    private companion object {
        const val MOST_SHOWN = 10
    }
}
