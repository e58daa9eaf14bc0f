// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.ObservedJvm
import java.util.concurrent.BlockingQueue
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** Looks at a JVM again and again, in a thread of its own, so that somebody at a terminal need not wait for a program that does not answer. */
internal class Sampler(
    private val jvm: ObservedJvm,
    private val interval: Duration,
) {
    /** What it has seen, or why it has seen nothing. */
    val looks: BlockingQueue<Result<Sample>> = LinkedBlockingQueue()

    /** The ids of the tasks whose stacks to read, too. */
    @Volatile
    var stacksOf: Set<Long> = emptySet()

    private val wanted = Semaphore(0)

    fun start() {
        thread(isDaemon = true, name = "looks at ${jvm.pid}") { while (true) lookAndRest() }
    }

    /** Does not wait until the interval is over. */
    fun lookNow() = wanted.release()

    private fun lookAndRest() {
        val began = TimeSource.Monotonic.markNow()
        looks += look()
        var rest = interval
        while (rest.isPositive()) {
            if (wanted.tryAcquire(minOf(rest, RENEWAL).inWholeMilliseconds.coerceAtLeast(1), TimeUnit.MILLISECONDS)) return
            rest = interval - began.elapsedNow()
            if (rest.isPositive()) runCatching { jvm.measureTimes() } // It ends by itself otherwise.
        }
    }

    private fun look(): Result<Sample> =
        try {
            jvm.measureTimes()
            val tasks = stacksOf
            Result.success(Sample(System.nanoTime(), jvm.loopsWithStacksOf(tasks), tasks))
        } catch (e: Throwable) {
            Result.failure(e) // Whoever takes it waits for it.
        }

    private companion object {
        private val RENEWAL = 1.seconds
    }
}
