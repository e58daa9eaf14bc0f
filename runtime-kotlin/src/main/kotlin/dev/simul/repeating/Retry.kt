// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.exceptions.inPlaceOf
import dev.simul.exceptions.isOrdinary
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.sleep
import dev.simul.timeout

/**
 * Runs [body] in the calling task until it returns, at most [attempts] times, with the pauses of [backoff] in between.
 *
 * A failure that [retryIf] refuses, or that of the last attempt, is thrown, with the failures of earlier attempts as its suppressed
 * exceptions, the earliest first: at most the latest sixteen.
 *
 * Only an [Exception] is retried, never an [Error], and never a cancellation. If the body fails in answer to a request to cancel its task,
 * that failure is thrown at once as well. Cancelling the task during a pause ends the pause, and the cancellation is thrown, with the
 * failures so far as its suppressed exceptions.
 *
 * A [timeout] around this limits all attempts and pauses together, and ends it like a cancellation; inside [body] it limits each attempt,
 * and its [TimeoutException] is a failure like any other, which is retried. So is an expired `withTimeout` of kotlinx.
 *
 * asyncio has no equivalent.
 *
 * ```
 * val backoff = Backoff.exponential(100.milliseconds, max = 10.seconds).jittered()
 * val page = retry(5, backoff, { it is IOException }) { timeout(2.seconds) { fetch(address) } }
 * ```
 *
 * @param attempts the maximum number of attempts, including the first; `Int.MAX_VALUE` means practically no limit.
 * @param retryIf whether to try again after that failure. An exception that it throws is thrown.
 * @throws IllegalArgumentException if [attempts] is not positive.
 */
public suspend inline fun <T> retry(
    attempts: Int,
    backoff: Backoff = Backoff.NONE,
    retryIf: (Exception) -> Boolean = { true },
    body: () -> T,
): T {
    val retries = Retries(attempts, backoff)
    while (true) {
        try {
            return body()
        } catch (e: Throwable) {
            val failure = retries.failed(e)
            if (!retryIf(failure)) throw retries.withEarlier(failure)
            retries.goOnAfter(failure)
        }
        retries.pause()
    }
}

/** The attempts of one [retry]. */
@PublishedApi
internal class Retries(
    private val attempts: Int,
    private val backoff: Backoff,
) {
    private val task = getRunningLoopOrNull()?.let(::currentTask)
    private val cancelling = task?.cancelling() ?: 0
    private val failures = ArrayDeque<Throwable>()
    private var count = 0

    init {
        require(attempts > 0) { "retry needs at least one attempt, not $attempts" }
    }

    /** Ends an attempt with [exception]: throws it, unless there may be another attempt. */
    fun failed(exception: Throwable): Exception {
        count++
        val isLast = count == attempts || isCancelled || exception !is Exception || !exception.isOrdinary
        if (isLast) throw withEarlier(exception)
        return exception
    }

    /** Whether the task was asked to end, whatever its body does about that. */
    private val isCancelled get() = task != null && task.cancelling() > cancelling

    fun goOnAfter(failure: Exception) {
        if (failures.size == MAX_SUPPRESSED) failures.removeFirst()
        failures += failure
    }

    suspend fun pause() {
        try {
            sleep(backoff.delayAfter(count))
        } catch (e: Throwable) {
            throw withEarlier(e)
        }
    }

    /** The exception that ends the retry, with the failures before it. */
    fun withEarlier(exception: Throwable): Throwable {
        failures.forEach { exception.inPlaceOf(it) }
        return exception
    }

    private companion object {
        const val MAX_SUPPRESSED = 16
    }
}
