// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * Runs a program with many seeds, several at a time, each in one thread from beginning to end.
 *
 * Seeds are taken in order. After a failure no further seed is begun, unless [collects]; those that run are finished, so that the lowest
 * seed that fails is the same each time, as long as [budget] does not end before it.
 *
 * @param grace how long an interrupted search waits for its runs, by the machine's clock.
 * @param run runs the program; it returns what the program fails with, and throws only if something else is wrong.
 */
internal class Explorer(
    private val seeds: LongRange,
    private val budget: Duration,
    private val collects: Boolean = false,
    private val grace: Duration = 5.seconds,
    private val threads: Int = Runtime.getRuntime().availableProcessors(),
    private val run: (Choices) -> RunOutcome,
) {
    private val clock = TimeSource.Monotonic.markNow()
    private val taken = AtomicInteger()
    private val finished = AtomicInteger()
    private val hashes = ConcurrentHashMap.newKeySet<Long>()
    private val failures = ConcurrentLinkedQueue<FailedRun>()
    private val crash = AtomicReference<Throwable>()
    private val count = (seeds.last - seeds.first + 1).toInt()

    @Volatile
    private var isStopped = false

    /**
     * Returns when no run is under way.
     *
     * @throws InterruptedException if the thread is interrupted; so are the runs. It is thrown when none is under way, or after [grace].
     */
    fun explore(): Findings {
        val workers = List(minOf(threads, count)) { Thread(::work, "simul-explore-${it + 1}").apply { isDaemon = true } }
        try {
            workers.forEach { it.start() }
            workers.forEach { it.join() }
        } catch (e: Throwable) {
            isStopped = true
            workers.forEach { it.interrupt() }
            awaitEnd(workers, e)
            throw e
        }
        crash.get()?.let { throw it }
        return Findings(finished.get(), hashes.size, clock.elapsedNow(), firstOfEachKind())
    }

    /** Waits for [workers] until [grace] is over; another interrupt ends the wait. */
    private fun awaitEnd(
        workers: List<Thread>,
        reason: Throwable,
    ) {
        val end = TimeSource.Monotonic.markNow() + grace
        try {
            // A join of 0 ms would never end.
            workers.forEach { it.join((-end.elapsedNow()).inWholeMilliseconds.coerceAtLeast(1)) }
        } catch (e: InterruptedException) {
            reason.addSuppressed(e)
        }
    }

    private fun work() {
        while (!isStopped) {
            val index = taken.getAndIncrement()
            if (index >= count || (index > 0 && clock.elapsedNow() >= budget)) return
            try {
                runSeed(seeds.first + index)
            } catch (e: Throwable) {
                crash.compareAndSet(null, e)
                isStopped = true
            }
        }
    }

    private fun runSeed(seed: Long) {
        val choices = Choices(seed)
        val outcome = run(choices)
        hashes += outcome.hash
        finished.incrementAndGet()
        val failure = outcome.failure ?: return
        failures += FailedRun(seed, choices.recorded, failure, outcome.transcript)
        if (!collects) isStopped = true
    }

    /** By seed; without [collects] just the first. */
    private fun firstOfEachKind(): List<FailedRun> {
        val bySeed = failures.sortedBy { it.seed }.distinctBy { it.kind }
        return if (collects) bySeed else bySeed.take(1)
    }
}

/** What an [Explorer] has found. */
internal class Findings(
    val runs: Int,
    val interleavings: Int,
    val elapsed: Duration,
    /** The failing run of the lowest seed, for each kind of failure if they were collected. */
    val failures: List<FailedRun>,
)

/** A run that has failed: its seed, and the choices that it made. */
internal class FailedRun(
    val seed: Long,
    val choices: LongArray,
    val failure: Throwable,
    val transcript: String,
) {
    val kind: FailureKind = kindOf(failure)
}
